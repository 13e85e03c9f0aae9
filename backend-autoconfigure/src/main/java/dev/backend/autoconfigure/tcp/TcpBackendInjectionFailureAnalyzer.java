package dev.backend.autoconfigure.tcp;

import java.util.ArrayList;
import java.util.List;

import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Explains why a {@code TcpBackend<M>} could not be injected. Boot's own text leaves the
 * type argument out, which is what is wrong most often; hence the order.
 */
@Order(0)
class TcpBackendInjectionFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

	private static final String RETYPE = "Inject it with the type argument that it has. It is that of the MessageCodec "
			+ "bean it was made of; a second backend is built with TcpBackend.Builder.";

	private static final String QUALIFY = "Say which one by the name of its bean or by a qualifier. That of a fleet's "
			+ "backend is the name of the fleet, as in @Qualifier(\"game\").";

	private final @Nullable ConfigurableListableBeanFactory beanFactory;

	private final @Nullable Environment environment;

	TcpBackendInjectionFailureAnalyzer(@Nullable BeanFactory beanFactory, @Nullable Environment environment) {
		this.beanFactory = (beanFactory instanceof ConfigurableListableBeanFactory listable) ? listable : null;
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause,
			@Nullable String description) {
		ResolvableType type = cause.getResolvableType();
		if (type == null || type.resolve() != TcpBackend.class || this.beanFactory == null) {
			return null;
		}
		String wanted = "%s needs a TcpBackend<%s>,".formatted((description != null) ? description : "A bean",
				type.getGeneric(0));
		List<String> known = backends(this.beanFactory);
		if (!known.isEmpty()) {
			boolean fits = cause instanceof NoUniqueBeanDefinitionException || known.stream()
				.anyMatch((backend) -> backend.startsWith("TcpBackend<%s> ".formatted(type.getGeneric(0))));
			return new FailureAnalysis("%s but the application has %s.".formatted(wanted, String.join(" and ", known)),
					fits ? QUALIFY : RETYPE, cause);
		}
		if (this.environment != null && !new FleetBinder(TcpBackendAutoConfiguration.PREFIX, this.environment)
			.isTrueAnywhere("enabled", true)) {
			return new FailureAnalysis(wanted + " but backend.tcp.enabled is false, or that of every fleet.",
					"Remove that property.", cause);
		}
		if (!this.beanFactory.containsBean(TcpBackendAutoConfiguration.LIFECYCLE)) {
			return null;
		}
		return new FailureAnalysis(wanted + " but there is no MessageCodec bean.", MissingCodec.ACTION, cause);
	}

	private static List<String> backends(ConfigurableListableBeanFactory beanFactory) {
		MessageBeans beans = new MessageBeans(beanFactory);
		List<String> backends = new ArrayList<>();
		for (String name : beans.all(TcpBackend.class)) {
			backends.add("TcpBackend<%s> (bean '%s')".formatted(beans.messageType(name, TcpBackend.class), name));
		}
		return backends;
	}

}
