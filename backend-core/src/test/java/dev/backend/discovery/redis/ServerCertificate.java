package dev.backend.discovery.redis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A fresh self-signed certificate for 127.0.0.1, as PEM files.
 *
 * @param certificate the certificate
 * @param key its private key
 */
record ServerCertificate(Path certificate, Path key) {

	private static final String PASSWORD = "changeit";

	static ServerCertificate create(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
		Path store = folder.resolve("server.p12");
		Process keytool = new ProcessBuilder(
				List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias",
						"server", "-keyalg", "EC", "-dname", "CN=redis", "-ext", "san=ip:127.0.0.1", "-storetype",
						"PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD))
			.redirectErrorStream(true)
			.start();
		String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (keytool.waitFor() != 0) {
			throw new IllegalStateException(output);
		}
		KeyStore keys = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(store)) {
			keys.load(in, PASSWORD.toCharArray());
		}
		return new ServerCertificate(
				pem(folder.resolve("server.crt"), "CERTIFICATE", keys.getCertificate("server").getEncoded()),
				pem(folder.resolve("server.key"), "PRIVATE KEY",
						keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
	}

	private static Path pem(Path file, String type, byte[] content) throws IOException {
		String text = Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content);
		return Files.writeString(file, "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(type, text));
	}

}
