package dev.backend.discovery.redis;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Members of the registry that anybody may have written. See CONTRIBUTING.md for how to
 * fuzz.
 */
class RegistryMemberFuzzTests {

	private static final InstanceFilter FILTER = InstanceFilter.forSchemes(Set.of("tcp", "http"));

	@FuzzTest(maxDuration = "3m")
	void members(byte[] input) {
		String member = new String(input, StandardCharsets.UTF_8);
		assertPrintable(RegistryMember.printable(member));
		DiscoveredInstance instance = parse(member);
		ServiceConfig service = (instance != null) ? unlessRefused(() -> FILTER.map(instance)) : null;
		if (service != null) {
			assertThat(service.weight()).isBetween(0.01, 10.0);
			assertWrittenAndReadBack(service);
		}
	}

	private static @Nullable DiscoveredInstance parse(String member) {
		try {
			DiscoveredInstance instance = RegistryMember.parse(member);
			assertThat(instance.port()).isBetween(1, 65535);
			assertThat(instance.address()).isNotBlank();
			return instance;
		}
		catch (IllegalArgumentException ex) {
			assertPrintable(String.valueOf(ex.getMessage()));
			return null;
		}
	}

	/** What we take for a service we can register, or we say why not. */
	private static void assertWrittenAndReadBack(ServiceConfig service) {
		String written = unlessRefused(() -> RegistryMember.format(RegistryMember.instance(service)));
		if (written != null) {
			DiscoveredInstance read = RegistryMember.parse(written);
			ServiceConfig again = RegistryMember.service(read);
			assertThat(again.withMetadata(service.metadata())).isEqualTo(service);
			assertThat(others(again)).isEqualTo(others(service));
			assertThat(RegistryMember.format(read)).isEqualTo(written);
		}
	}

	/** The metadata without the tags, which are written in normal form. */
	private static Map<String, String> others(ServiceConfig service) {
		Map<String, String> others = new HashMap<>(service.metadata());
		others.remove(InstanceFilter.METADATA_ROUTER_TAG);
		return others;
	}

	private static <T> @Nullable T unlessRefused(Supplier<@Nullable T> supplier) {
		try {
			return supplier.get();
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/** So that nobody forges lines of a log. */
	private static void assertPrintable(String text) {
		assertThat(text).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]");
	}

}
