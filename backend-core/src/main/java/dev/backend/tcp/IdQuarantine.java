package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * The ids of requests that were given up, to which a reply may still come. They stay here
 * until it came or their time is over; when there are too many, the oldest is freed.
 *
 * <p>
 * A ring keeps them in the order in which they came, a hash table with open addressing
 * (D. Knuth, TAOCP 3, 6.4, algorithms L and R) finds their places in the ring: 24 to 48
 * bytes an id. One that is freed out of turn leaves its place in the ring until that is
 * full; a place counts if the table leads to it.
 */
final class IdQuarantine {

	private static final int INITIAL_CAPACITY = 16;

	private long[] numbers = new long[INITIAL_CAPACITY];

	private long[] ends = new long[INITIAL_CAPACITY];

	/** The ids that are no numbers, by place; their numbers are hash codes. */
	private @Nullable Object @Nullable [] objects;

	/** Places in the ring, plus one; zero is empty. */
	private int[] table = new int[2 * INITIAL_CAPACITY];

	private int oldest;

	/** The places from the oldest to the youngest, those that are left included. */
	private int length;

	private int size;

	int size() {
		return this.size;
	}

	/** Frees those whose time is over. */
	void expire(long now) {
		while (this.length > 0 && this.ends[this.oldest] - now <= 0) {
			removeOldest();
		}
	}

	/**
	 * The nanoseconds until the time of all is over, or of some where the setting was
	 * changed in between; {@link #expire} comes first.
	 */
	long untilEmpty(long now) {
		return (this.length > 0) ? Math.max(this.ends[this.oldest] - now, this.ends[place(this.length - 1)] - now) : 0;
	}

	/**
	 * Returns for how long an id is in quarantine.
	 * @param number the id, or the hash code of one that is no number
	 * @param id the id that is no number, or {@code null}
	 * @param now the present time
	 * @return the nanoseconds, or zero if it is free
	 */
	long remaining(long number, @Nullable Object id, long now) {
		int index = find(number, id);
		return (index >= 0) ? Math.max(0, this.ends[this.table[index] - 1] - now) : 0;
	}

	/**
	 * Takes an id that is not here.
	 * @param number the id, or the hash code of one that is no number
	 * @param id the id that is no number, or {@code null}
	 * @param end until when
	 * @param bound how many there may be
	 */
	void add(long number, @Nullable Object id, long end, int bound) {
		while (this.size >= bound) {
			removeOldest();
		}
		if (this.length == this.numbers.length) {
			resize((this.size > this.length / 2) ? 2 * this.length : this.length);
		}
		append(number, id, end);
	}

	/** Frees an id. */
	void remove(long number, @Nullable Object id) {
		int index = find(number, id);
		if (index >= 0) {
			free(index);
		}
	}

	private int place(int position) {
		return (this.oldest + position) & (this.numbers.length - 1);
	}

	private void append(long number, @Nullable Object id, long end) {
		int place = place(this.length);
		this.numbers[place] = number;
		this.ends[place] = end;
		if (id != null) {
			if (this.objects == null) {
				this.objects = new Object[this.numbers.length];
			}
			this.objects[place] = id;
		}
		this.length++;
		this.size++;
		int index = RequestTable.indexOf(number, this.table.length);
		while (this.table[index] != 0) {
			index = (index + 1) & (this.table.length - 1);
		}
		this.table[index] = place + 1;
	}

	private void removeOldest() {
		int index = indexOfPlace(this.oldest);
		if (index >= 0) {
			free(index);
		}
		if (this.length > 0) {
			this.oldest = place(1);
			this.length--;
		}
	}

	/** Where the table leads to a place, or -1 if that was left. */
	private int indexOfPlace(int place) {
		int index = RequestTable.indexOf(this.numbers[place], this.table.length);
		while (this.table[index] != 0 && this.table[index] != place + 1) {
			index = (index + 1) & (this.table.length - 1);
		}
		return (this.table[index] != 0) ? index : -1;
	}

	private int find(long number, @Nullable Object id) {
		int index = RequestTable.indexOf(number, this.table.length);
		while (this.table[index] != 0) {
			int place = this.table[index] - 1;
			if (this.numbers[place] == number && hasId(place, id)) {
				return index;
			}
			index = (index + 1) & (this.table.length - 1);
		}
		return -1;
	}

	private boolean hasId(int place, @Nullable Object id) {
		Object own = (this.objects != null) ? this.objects[place] : null;
		return (id != null) ? id.equals(own) : own == null;
	}

	/** Empties an index of the table, and closes the gap. */
	private void free(int index) {
		if (this.objects != null) {
			this.objects[this.table[index] - 1] = null;
		}
		int mask = this.table.length - 1;
		int gap = index;
		this.table[gap] = 0;
		for (int i = (gap + 1) & mask; this.table[i] != 0; i = (i + 1) & mask) {
			int home = RequestTable.indexOf(this.numbers[this.table[i] - 1], this.table.length);
			if (((i - home) & mask) >= ((i - gap) & mask)) {
				this.table[gap] = this.table[i];
				this.table[i] = 0;
				gap = i;
			}
		}
		if (--this.size == 0) {
			this.oldest = 0;
			this.length = 0;
		}
	}

	/** Leaves out the places that were left. */
	private void resize(int capacity) {
		long[] numbers = this.numbers;
		long[] ends = this.ends;
		@Nullable Object[] objects = this.objects;
		int[] places = new int[this.size];
		for (int position = 0, count = 0; position < this.length; position++) {
			int place = place(position);
			if (indexOfPlace(place) >= 0) {
				places[count++] = place;
			}
		}
		this.numbers = new long[capacity];
		this.ends = new long[capacity];
		this.objects = null;
		this.table = new int[2 * capacity];
		this.oldest = 0;
		this.length = 0;
		this.size = 0;
		for (int place : places) {
			append(numbers[place], (objects != null) ? objects[place] : null, ends[place]);
		}
	}

}
