package dev.backend.autoconfigure;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import dev.backend.fleet.FleetBackend;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.ResolvableType;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Starts the backend beans of one protocol before what may use them, and stops them
 * after: the web server, executors and schedulers, and every lifecycle bean that has
 * chosen no phase. A context that pauses stops them as well, and starts them when it goes
 * on. The backends of a parent context are left to that one.
 *
 * <p>
 * The tasks of executors that wait for them, or that accept some until the end, outlast
 * all phases. So when the context closes, such executors are ended here first, as they
 * are configured to.
 */
public final class BackendLifecycle
		implements SmartLifecycle, ApplicationContextAware, ApplicationListener<ContextClosedEvent> {

	/**
	 * Far below zero, the phase of what chooses none. Spring's executors and Spring
	 * Boot's web server are above that. What the backends themselves need, such as a
	 * registry that the application embeds, has a phase below.
	 */
	public static final int PHASE = Integer.MIN_VALUE / 2;

	/** The executor bean that runs handlers must outlast the backends. */
	private static final Set<String> HANDLER_EXECUTORS = Set.of("tcpHandlerExecutor");

	private static final Logger logger = LoggerFactory.getLogger(BackendLifecycle.class);

	private final ObjectProvider<? extends FleetBackend<?, ?>> backends;

	private volatile Begun begun = new Begun(List.of(), 0);

	private @Nullable ApplicationContext context;

	private volatile Set<Object> inherited = Set.of();

	private volatile boolean closing;

	private volatile boolean running;

	/**
	 * Creates the lifecycle.
	 * @param backends the backends
	 */
	public BackendLifecycle(ObjectProvider<? extends FleetBackend<?, ?>> backends) {
		this.backends = backends;
	}

	/**
	 * Returns what the last start has begun with.
	 */
	Begun begun() {
		return this.begun;
	}

	@Override
	public void setApplicationContext(ApplicationContext context) {
		this.context = context;
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() == this.context) {
			this.closing = true;
			if (isFirstAtWork(this.context) && !isAnyAtWork(this.context.getParent())) {
				SilentEnd.tellOf(this.context);
			}
		}
	}

	/** Of the lifecycles of several protocols. */
	private boolean isFirstAtWork(ApplicationContext context) {
		return context.getBeanProvider(BackendLifecycle.class)
			.orderedStream()
			.filter((lifecycle) -> lifecycle.context == context && !lifecycle.own().isEmpty())
			.findFirst()
			.filter((first) -> first == this)
			.isPresent();
	}

	/** Then the line comes when the last parent closes, once. */
	private static boolean isAnyAtWork(@Nullable ApplicationContext context) {
		return context != null && context.getBeanProvider(BackendLifecycle.class)
			.stream()
			.anyMatch((lifecycle) -> lifecycle.running && !lifecycle.own().isEmpty());
	}

	@Override
	public void start() {
		this.inherited = inherited();
		keepHandlerExecutors();
		List<? extends FleetBackend<?, ?>> starting = own().stream().filter((backend) -> !backend.running()).toList();
		this.begun = new Begun(starting, System.nanoTime());
		starting.forEach(FleetBackend::start);
		this.running = true;
	}

	/**
	 * A context that pauses pauses its executors, too. Those that run handlers must do so
	 * after the backends, and go on before them, unless they are for everything else, as
	 * other names of theirs show.
	 */
	private void keepHandlerExecutors() {
		ApplicationContext context = this.context;
		for (String name : HANDLER_EXECUTORS) {
			if (context != null && context.containsLocalBean(name) && context.getAliases(name).length == 0
					&& context.isSingleton(name)
					&& context.getBean(name) instanceof ExecutorConfigurationSupport executor) {
				executor.setPhase(PHASE - 1);
			}
		}
	}

	/**
	 * Does not wait, so that the backends of the other protocol stop at the same time.
	 */
	@Override
	public void stop(Runnable callback) {
		Runnable stopping = beginToStop();
		StopThreads.startAlone(() -> {
			try {
				stopping.run();
			}
			finally {
				callback.run();
			}
		});
	}

	@Override
	public void stop() {
		beginToStop().run();
	}

	/** What is left to do may be done by another thread than that which asks. */
	private Runnable beginToStop() {
		this.running = false;
		List<? extends FleetBackend<?, ?>> stopping = own();
		Set<FleetBackend<?, ?>> asking = stopping.stream()
			.filter(FleetBackend::ownsCurrentThread)
			.collect(Collectors.toSet());
		return () -> {
			endExecutors();
			stop(stopping, asking);
		};
	}

	private void endExecutors() {
		if (this.closing && this.context != null
				&& this.context.getAutowireCapableBeanFactory() instanceof ConfigurableListableBeanFactory factory) {
			new UnendedExecutors(factory, HANDLER_EXECUTORS).end();
		}
	}

	/**
	 * Each may take up to its drain time-out. That which asks for it, on a thread of its
	 * own, is not waited for.
	 */
	private static void stop(List<? extends FleetBackend<?, ?>> stopping, Set<FleetBackend<?, ?>> asking) {
		StopThreads threads = new StopThreads();
		stopping.forEach((backend) -> {
			if (asking.contains(backend)) {
				StopThreads.startAlone(() -> stopSafely(backend));
			}
			else {
				threads.start(() -> stopSafely(backend));
			}
		});
		threads.join();
	}

	private List<? extends FleetBackend<?, ?>> own() {
		Set<Object> inherited = this.inherited;
		return this.backends.orderedStream().filter((backend) -> !inherited.contains(backend)).toList();
	}

	/** Looked for at start: a parent context may be closed before its children. */
	private Set<Object> inherited() {
		Set<Object> inherited = Collections.newSetFromMap(new IdentityHashMap<>());
		ApplicationContext parent = (this.context != null) ? this.context.getParent() : null;
		if (parent != null) {
			parent.getBeanProvider(ResolvableType.forClass(FleetBackend.class)).forEach(inherited::add);
		}
		return inherited;
	}

	private static void stopSafely(FleetBackend<?, ?> backend) {
		try {
			backend.stop();
		}
		catch (Throwable ex) {
			logger.warn("The backend {} could not be stopped", backend.name(), ex);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/**
	 * What a start has begun with.
	 *
	 * @param backends those that did not run yet
	 * @param nanoTime when it began, by {@link System#nanoTime()}
	 */
	record Begun(List<? extends FleetBackend<?, ?>> backends, long nanoTime) {

	}

}
