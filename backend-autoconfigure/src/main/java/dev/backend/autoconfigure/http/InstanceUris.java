package dev.backend.autoconfigure.http;

import java.net.URI;

/**
 * Moves URIs to an instance: scheme, host and port change, and everything else stays as
 * it is, encoded characters included.
 */
final class InstanceUris {

	private InstanceUris() {
	}

	/**
	 * Returns a URI at another place.
	 * @param base scheme, host and port of the place, without a path
	 * @param uri the URI
	 * @return the URI there
	 */
	static URI at(URI base, URI uri) {
		String path = uri.getRawPath();
		boolean resolvable = path.startsWith("/") && !path.startsWith("//") && uri.getRawUserInfo() == null;
		// To resolve copies nothing that both have, and spares parsing an authority.
		return resolvable ? base.resolve(URI.create(tail(uri, path))) : URI.create(whole(base, uri, path));
	}

	private static String whole(URI base, URI uri, String path) {
		String user = uri.getRawUserInfo();
		return base.getScheme() + "://" + ((user != null) ? user + "@" : "") + base.getRawAuthority() + tail(uri, path);
	}

	private static String tail(URI uri, String path) {
		String query = uri.getRawQuery();
		String fragment = uri.getRawFragment();
		String withQuery = (query != null) ? path + '?' + query : path;
		return (fragment != null) ? withQuery + '#' + fragment : withQuery;
	}

}
