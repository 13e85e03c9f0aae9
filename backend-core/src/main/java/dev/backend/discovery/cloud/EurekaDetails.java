package dev.backend.discovery.cloud;

import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.LeaseInfo;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.netflix.eureka.EurekaServiceInstance;
import org.springframework.util.ClassUtils;

/**
 * What an instance of Eureka says beyond what all instances do. Its type may be absent.
 */
final class EurekaDetails {

	private static final boolean PRESENT = ClassUtils.isPresent(
			"org.springframework.cloud.netflix.eureka.EurekaServiceInstance", EurekaDetails.class.getClassLoader());

	private EurekaDetails() {
	}

	/**
	 * Returns when the server has registered an instance: another time than before says
	 * that the instance has begun anew, or the server, which then knows only what has
	 * registered again.
	 * @param instance the instance
	 * @return the server's time, or {@code null} if it is not known, or the instance is
	 * of another registry
	 */
	static @Nullable Long registeredAt(ServiceInstance instance) {
		return PRESENT ? Eureka.registeredAt(instance) : null;
	}

	/**
	 * Loaded only where Eureka's client is.
	 */
	private static final class Eureka {

		static @Nullable Long registeredAt(ServiceInstance instance) {
			InstanceInfo info = (instance instanceof EurekaServiceInstance eureka) ? eureka.getInstanceInfo() : null;
			LeaseInfo lease = (info != null) ? info.getLeaseInfo() : null;
			return (lease != null && lease.getRegistrationTimestamp() > 0) ? lease.getRegistrationTimestamp() : null;
		}

	}

}
