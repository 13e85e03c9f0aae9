package dev.backend.autoconfigure;

import java.util.function.Supplier;

import javax.net.ssl.SSLException;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.util.StringUtils;

/**
 * The TLS context of an SSL bundle, made anew when the bundle changes. Event loops read
 * it; whoever updates the bundle changes it.
 */
public final class SslBundleContext implements Supplier<SslContext> {

	private static final Logger logger = LoggerFactory.getLogger(SslBundleContext.class);

	private final String name;

	private volatile SslContext context;

	/** Locked, so that a change that comes in the meantime is applied after this. */
	private SslBundleContext(String property, String name, SslBundles bundles) {
		this.name = name;
		synchronized (this) {
			bundles.addBundleUpdateHandler(name, this::update);
			this.context = usable(property, name, bundles.getBundle(name));
		}
	}

	/**
	 * Returns the context of a bundle, or that of the system's default trust if there is
	 * no name.
	 * @param property the property that names the bundle
	 * @param name the name of the bundle
	 * @param bundles the bundles
	 * @param alternative the type of the bean to declare instead
	 * @return the present context, whenever it is asked for
	 * @throws BackendConfigurationException if there is no such bundle, or if it cannot
	 * be used
	 */
	public static Supplier<SslContext> of(String property, @Nullable String name, ObjectProvider<SslBundles> bundles,
			Class<?> alternative) {
		if (!StringUtils.hasText(name)) {
			SslContext context = usable(property, "", SslBundle.systemDefault());
			return () -> context;
		}
		SslBundles available = bundles.getIfAvailable();
		if (available == null) {
			throw new BackendConfigurationException(
					"%s is '%s', but there is no SslBundles bean.".formatted(property, name),
					"Do not exclude Spring Boot's SslAutoConfiguration, or declare a bean of the type %s."
						.formatted(alternative.getSimpleName()));
		}
		try {
			return new SslBundleContext(property, name, available);
		}
		catch (NoSuchSslBundleException ex) {
			throw new BackendConfigurationException(
					"%s is '%s', but there is no SSL bundle of that name.".formatted(property, name),
					"Define it below spring.ssl.bundle, or name one of %s.".formatted(available.getBundleNames()), ex);
		}
	}

	private static SslContext usable(String property, String name, SslBundle bundle) {
		try {
			return build(bundle);
		}
		catch (SSLException | RuntimeException ex) {
			throw new BackendConfigurationException(
					"The SSL bundle '%s' of %s cannot be used: %s".formatted(name, property, reason(ex)),
					"Correct the keys, certificates and options of the bundle below spring.ssl.bundle.", ex);
		}
	}

	private static SslContext build(SslBundle bundle) throws SSLException {
		SslOptions options = bundle.getOptions();
		SslManagerBundle managers = bundle.getManagers();
		return SslContextBuilder.forClient()
			.keyManager(managers.getKeyManagerFactory())
			.trustManager(managers.getTrustManagerFactory())
			.ciphers(SslOptions.asSet(options.getCiphers()))
			.protocols(options.getEnabledProtocols())
			.build();
	}

	private static String reason(Exception failure) {
		Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
		return (root == failure) ? String.valueOf(failure.getMessage())
				: "%s (%s)".formatted(failure.getMessage(), root.getMessage());
	}

	/**
	 * Returns the present context.
	 * @return a context for clients
	 */
	@Override
	public SslContext get() {
		return this.context;
	}

	/** Connections that are up stay; what cannot be used changes nothing. */
	private synchronized void update(SslBundle bundle) {
		try {
			this.context = build(bundle);
			logger.info("The SSL bundle '{}' has changed; new connections use it", this.name);
		}
		catch (SSLException | RuntimeException ex) {
			logger.error("The SSL bundle '{}' has changed, but cannot be used; new connections use what it was: {}",
					this.name, reason(ex));
		}
	}

}
