package dev.backend.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The plainest ring that can be written: what {@link PointRing} must agree with.
 */
final class RingModel {

	private final PointHash hash;

	private final List<Point> points = new ArrayList<>();

	RingModel(PointHash hash, Collection<? extends RingMember<?>> members) {
		this.hash = hash;
		for (RingMember<?> member : members) {
			for (int position : hash.memberPositions(member.id(), hash.pointCount(member.weight()))) {
				this.points.add(new Point(Integer.toUnsignedLong(position), member.id()));
			}
		}
		this.points.sort(Comparator.comparingLong(Point::position).thenComparing(Point::id));
	}

	Set<String> owners(String key) {
		long position = Integer.toUnsignedLong(this.hash.keyPosition(key));
		Set<String> owners = new LinkedHashSet<>();
		this.points.stream().filter((point) -> point.position() > position).forEach((point) -> owners.add(point.id()));
		this.points.forEach((point) -> owners.add(point.id()));
		return owners;
	}

	List<Point> points() {
		return this.points;
	}

	record Point(long position, String id) {

	}

}
