package dev.backend.logging;

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
	 * stands for; if it is of a generated subclass, such as a proxy, that of the class.
	 * @param object the object
	 * @param failure what it has thrown
	 * @return the name
	 */
	static String nameOf(Object object, Throwable failure) {
		if (object instanceof StandIn standIn) {
			return standIn.nameOfFailed(failure);
		}
		String name = object.getClass().getName();
		int generated = name.indexOf("$$");
		return (generated > 0) ? name.substring(0, generated) : name;
	}

}
