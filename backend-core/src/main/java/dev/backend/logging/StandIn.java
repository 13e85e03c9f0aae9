package dev.backend.logging;

import java.lang.reflect.Proxy;

/**
 * Something of this project that stands before an object of the application. What fails
 * behind it is named by that object: nobody knows this one.
 */
public interface StandIn {

	/**
	 * Returns what of the application has failed.
	 * @param failure what it has thrown
	 * @return the name of a class or a method
	 */
	String nameOfFailed(Throwable failure);

	/**
	 * Returns the name of an object that has failed: if it is a stand-in, of what it
	 * stands for, else as {@link #nameOf(Object)} has it, or better, where the failure
	 * says what is behind a proxy of interfaces.
	 * @param object the object
	 * @param failure what it has thrown
	 * @return the name
	 */
	static String nameOf(Object object, Throwable failure) {
		if (object instanceof StandIn standIn) {
			return standIn.nameOfFailed(failure);
		}
		Class<?> type = object.getClass();
		String proxied = Proxy.isProxyClass(type) ? ProxiedClass.find(type, failure) : null;
		return (proxied != null) ? proxied : nameOf(object);
	}

	/**
	 * Returns the name of the class of an object of the application. A class that was
	 * generated, such as that of a proxy, tells nobody anything: if it is a subclass, the
	 * name is that of the class which the application has, else of its first interface.
	 * @param object the object
	 * @return the name
	 */
	static String nameOf(Object object) {
		Class<?> type = object.getClass();
		if (Proxy.isProxyClass(type)) {
			Class<?>[] interfaces = type.getInterfaces();
			return (interfaces.length > 0) ? "a proxy of " + interfaces[0].getName() : type.getName();
		}
		return withoutGenerated(type.getName());
	}

	private static String withoutGenerated(String name) {
		int generated = name.indexOf("$$");
		return (generated > 0) ? name.substring(0, generated) : name;
	}

}
