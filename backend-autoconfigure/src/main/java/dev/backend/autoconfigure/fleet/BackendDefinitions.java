package dev.backend.autoconfigure.fleet;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConstructorArgumentValues;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;

/**
 * Makes the definitions of backend beans. They name the method that makes the bean, which
 * is how ahead of time processing can see it.
 */
public final class BackendDefinitions {

	private BackendDefinitions() {
	}

	/**
	 * Returns the definition of a backend.
	 * @param type the type of the backend
	 * @param factory the class with the method that makes it
	 * @param method the name of that method
	 * @param fleet the name of the fleet, by which the bean is qualified, or {@code null}
	 * for the backend without a name
	 * @param arguments the first arguments of the method; the others are autowired
	 * @return the definition
	 */
	public static RootBeanDefinition of(ResolvableType type, Class<?> factory, String method, @Nullable String fleet,
			Object... arguments) {
		RootBeanDefinition definition = new RootBeanDefinition(factory);
		definition.setTargetType(type);
		definition.setFactoryMethodName(method);
		definition.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
		ConstructorArgumentValues values = definition.getConstructorArgumentValues();
		for (int i = 0; i < arguments.length; i++) {
			values.addIndexedArgumentValue(i, arguments[i]);
		}
		if (fleet != null) {
			definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, fleet));
		}
		definition.setDestroyMethodName("close");
		return definition;
	}

}
