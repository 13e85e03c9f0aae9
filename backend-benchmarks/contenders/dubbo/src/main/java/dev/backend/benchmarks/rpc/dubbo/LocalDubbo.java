package dev.backend.benchmarks.rpc.dubbo;

import java.lang.reflect.Field;
import java.net.InetAddress;
import java.util.Map;

import org.apache.dubbo.common.URL;
import org.apache.dubbo.common.extension.ExtensionLoader;
import org.apache.dubbo.common.utils.NetUtils;
import org.apache.dubbo.rpc.Invoker;
import org.apache.dubbo.rpc.Protocol;
import org.apache.dubbo.rpc.ProxyFactory;
import org.apache.dubbo.rpc.model.ApplicationModel;
import org.apache.dubbo.rpc.model.ConsumerModel;
import org.apache.dubbo.rpc.model.ModuleModel;
import org.apache.dubbo.rpc.model.ProviderModel;
import org.apache.dubbo.rpc.model.ServiceDescriptor;
import org.apache.dubbo.rpc.model.ServiceMetadata;
import org.apache.dubbo.rpc.model.ServiceModel;

/**
 * Dubbo's protocol by itself, without registry, metadata and its server for operators,
 * and without its looking for an address of this machine other than the loopback one,
 * which it would send packets to. To be made before any other class of Dubbo is used.
 */
final class LocalDubbo {

	private static final String HOST = "127.0.0.1";

	private static final String SERVICE = EchoService.class.getName();

	/** Without a queue the server refuses what its 200 threads are not free for. */
	private static final int MOST_ON_THE_WAY = 16_384;

	private static final Map<String, String> PARAMETERS = Map.of("server", "loopback", "client", "loopback",
			"qos.enable", "false", "send.return", "false", "timeout", "10000");

	private final ModuleModel module;

	private final ServiceDescriptor descriptor;

	private final ServiceMetadata metadata;

	LocalDubbo() throws ReflectiveOperationException {
		System.setProperty("dubbo.application.logger", "jdk");
		System.setProperty("netty.epoll.enable", "true");
		remember("LOCAL_ADDRESS", InetAddress.getLoopbackAddress());
		remember("HOST_ADDRESS", HOST);
		remember("HOST_ADDRESS_V6", "");
		this.module = ApplicationModel.defaultModel().getDefaultModule();
		this.descriptor = this.module.getServiceRepository().registerService(EchoService.class);
		this.metadata = new ServiceMetadata(SERVICE, "", "", EchoService.class);
	}

	/*
	 * Dubbo looks for the machine's address once and has no setting that keeps it from
	 * that, so it finds these as if it had.
	 */
	private static void remember(String name, Object value) throws ReflectiveOperationException {
		Field field = NetUtils.class.getDeclaredField(name);
		field.setAccessible(true);
		field.set(null, value);
	}

	void export(EchoService service, int port) {
		ProviderModel model = new ProviderModel(SERVICE, service, this.descriptor, this.module, this.metadata,
				EchoService.class.getClassLoader());
		this.module.getServiceRepository().registerProvider(model);
		URL url = url(port, model).addParameter("queues", MOST_ON_THE_WAY);
		protocol().export(proxies().getInvoker(service, EchoService.class, url));
	}

	Invoker<EchoService> refer(int port) {
		ConsumerModel model = new ConsumerModel(SERVICE, null, this.descriptor, this.module, this.metadata, null,
				EchoService.class.getClassLoader());
		this.module.getServiceRepository().registerConsumer(model);
		return protocol().refer(EchoService.class, url(port, model));
	}

	EchoService proxy(Invoker<EchoService> invoker) {
		return proxies().getProxy(invoker);
	}

	private URL url(int port, ServiceModel model) {
		return new URL("dubbo", HOST, port, SERVICE, PARAMETERS).setScopeModel(this.module).setServiceModel(model);
	}

	private Protocol protocol() {
		return extensions(Protocol.class).getExtension("dubbo");
	}

	private ProxyFactory proxies() {
		return extensions(ProxyFactory.class).getDefaultExtension();
	}

	private <T> ExtensionLoader<T> extensions(Class<T> type) {
		return this.module.getApplicationModel().getFrameworkModel().getExtensionLoader(type);
	}

}
