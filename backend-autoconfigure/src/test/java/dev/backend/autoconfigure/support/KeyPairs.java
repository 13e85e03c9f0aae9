package dev.backend.autoconfigure.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * Keys with self-signed certificates in a folder, as the JDK's keytool makes them.
 */
public final class KeyPairs {

	/** Opens all stores and keys. */
	public static final String PASSWORD = "changeit-secret";

	private final Path folder;

	public KeyPairs(Path folder) {
		this.folder = folder;
	}

	/**
	 * Makes a key and a certificate for 127.0.0.1: name.p12, name.pem, name-key.pem, and
	 * the store name-trust.jks that trusts it.
	 */
	public void make(String name) {
		Path store = path(name + ".p12");
		run("-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name, "-ext",
				"san=ip:127.0.0.1", "-ext", "bc:c=ca:true", "-validity", "2", "-storetype", "PKCS12", "-keystore",
				store.toString(), "-storepass", PASSWORD);
		run("-exportcert", "-rfc", "-alias", name, "-keystore", store.toString(), "-storepass", PASSWORD, "-file",
				path(name + ".pem").toString());
		run("-importcert", "-noprompt", "-alias", name, "-storetype", "JKS", "-keystore",
				path(name + "-trust.jks").toString(), "-storepass", PASSWORD, "-file", path(name + ".pem").toString());
		exportKey(name, store);
	}

	public Path path(String file) {
		return this.folder.resolve(file);
	}

	private void exportKey(String name, Path store) {
		try (InputStream in = Files.newInputStream(store)) {
			KeyStore keys = KeyStore.getInstance("PKCS12");
			keys.load(in, PASSWORD.toCharArray());
			byte[] key = keys.getKey(name, PASSWORD.toCharArray()).getEncoded();
			Files.writeString(path(name + "-key.pem"),
					"-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(key)
							+ "\n-----END PRIVATE KEY-----\n");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void run(String... arguments) {
		try {
			String[] command = new String[arguments.length + 1];
			command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
			System.arraycopy(arguments, 0, command, 1, arguments.length);
			Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
			keytool.getOutputStream().close();
			String output = new String(keytool.getInputStream().readAllBytes());
			if (keytool.onExit().join().exitValue() != 0) {
				throw new IllegalStateException(output);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
