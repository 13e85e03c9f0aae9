package dev.backend.autoconfigure;

import java.util.Set;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * The executors and schedulers of a context that closes, so far as they end only when
 * their beans are destroyed: those that wait for their tasks (Spring Boot's
 * {@code spring.task.execution.shutdown.await-termination}) or accept further ones until
 * then. That is after all lifecycle beans have stopped, and the backends with them, which
 * these tasks may use.
 */
final class UnendedExecutors {

	private static final Logger logger = LoggerFactory.getLogger(UnendedExecutors.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<String> exceptFor;

	/**
	 * Creates the view.
	 * @param beanFactory where they are
	 * @param exceptFor the names of those that run what the backends call themselves
	 */
	UnendedExecutors(ConfigurableListableBeanFactory beanFactory, Set<String> exceptFor) {
		this.beanFactory = beanFactory;
		this.exceptFor = exceptFor;
	}

	/**
	 * Ends them as each is configured to: it waits for its tasks for as long as it would
	 * when its bean is destroyed, which finds nothing left to do then. Those that have
	 * ended already return at once, and so do those that know nothing of their tasks.
	 */
	void end() {
		StopThreads threads = new StopThreads();
		forEach(ExecutorConfigurationSupport.class, UnendedExecutors::end, threads);
		forEach(SimpleAsyncTaskExecutor.class, SimpleAsyncTaskExecutor::close, threads);
		threads.join();
	}

	private <E> void forEach(Class<E> type, Consumer<E> end, StopThreads threads) {
		for (String name : this.beanFactory.getBeanNamesForType(type, false, false)) {
			String singleton = BeanFactoryUtils.transformedBeanName(name);
			if (this.beanFactory.containsSingleton(singleton) && !this.exceptFor.contains(singleton)) {
				E executor = this.beanFactory.getBean(name, type);
				threads.start(() -> endSafely(name, () -> end.accept(executor)));
			}
		}
	}

	/** If tasks have taken longer than it waits, it is not to wait for them once more. */
	private static void end(ExecutorConfigurationSupport executor) {
		executor.shutdown();
		executor.setAwaitTerminationMillis(0);
	}

	private static void endSafely(String name, Runnable end) {
		try {
			end.run();
		}
		catch (RuntimeException ex) {
			logger.warn("The executor bean '{}' could not be shut down", name, ex);
		}
	}

}
