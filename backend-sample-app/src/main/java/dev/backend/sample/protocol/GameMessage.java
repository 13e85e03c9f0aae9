package dev.backend.sample.protocol;

/**
 * A message between the gateway and a game server.
 *
 * @param kind what it is for
 * @param id chosen by the gateway; a reply or receipt has that of its request or notice
 * @param server the id of the game server that sent it; empty from the gateway
 * @param text what it says
 */
public record GameMessage(Kind kind, long id, String server, String text) {

	/**
	 * Returns a message that a server replies to.
	 * @param id an id that no pending request has
	 * @param text what it says
	 * @return the request
	 */
	public static GameMessage request(long id, String text) {
		return new GameMessage(Kind.REQUEST, id, "", text);
	}

	/**
	 * Returns a message that needs no reply.
	 * @param id the id that receipts will have
	 * @param text what it says
	 * @return the notice
	 */
	public static GameMessage notice(long id, String text) {
		return new GameMessage(Kind.NOTICE, id, "", text);
	}

	/**
	 * Returns what a server sends back: the reply to a request, the receipt of a notice.
	 * @param server the id of the server
	 * @return the answer, with the same id and text
	 */
	public GameMessage answeredBy(String server) {
		return new GameMessage((this.kind == Kind.REQUEST) ? Kind.REPLY : Kind.RECEIPT, this.id, server, this.text);
	}

	/** What a message is for. The order is that of the protocol's numbers. */
	public enum Kind {

		/** Wants a reply. */
		REQUEST,

		/** The reply to a request. */
		REPLY,

		/** Wants no reply. */
		NOTICE,

		/** Sent by a server on its own account, for a notice that arrived. */
		RECEIPT

	}

}
