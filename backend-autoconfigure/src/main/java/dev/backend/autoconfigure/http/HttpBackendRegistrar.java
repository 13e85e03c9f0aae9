package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.fleet.BackendDefinitions;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.http.HttpBackend;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers the {@link HttpBackend} beans, one per fleet, or without fleets, one. What
 * the application or a parent context has already is left alone.
 */
class HttpBackendRegistrar implements ImportBeanDefinitionRegistrar {

	static final String BEAN_NAME = "httpBackend";

	private static final ResolvableType TYPE = ResolvableType.forClass(HttpBackend.class);

	private final ListableBeanFactory beanFactory;

	private final FleetBinder binder;

	HttpBackendRegistrar(BeanFactory beanFactory, Environment environment) {
		this.beanFactory = (ListableBeanFactory) beanFactory;
		this.binder = new FleetBinder(HttpFleets.PREFIX, environment);
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
		if (this.binder.names().isEmpty()) {
			registerOnly(registry);
			return;
		}
		for (String fleet : this.binder.namesWith("enabled", false)) {
			String beanName = Fleets.beanName(fleet, HttpFleets.BEAN_SUFFIX);
			if (!this.beanFactory.containsBean(beanName)) {
				registry.registerBeanDefinition(beanName,
						BackendDefinitions.of(TYPE, HttpBackendFactory.class, "fleet", fleet, beanName, fleet));
			}
		}
	}

	private void registerOnly(BeanDefinitionRegistry registry) {
		String[] own = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, HttpBackend.class, true,
				false);
		if (own.length == 0) {
			registry.registerBeanDefinition(BEAN_NAME,
					BackendDefinitions.of(TYPE, HttpBackendFactory.class, "only", null, BEAN_NAME));
		}
	}

}
