package dev.backend.sample.gateway;

import java.util.List;
import java.util.Map;

import dev.backend.routing.HashRing.Arc;

/**
 * A ring as a picture needs it.
 *
 * @param shares the part of the circle that each service owns, by id
 * @param arcs the circle from 0 to 1
 */
record RingView(Map<String, Double> shares, List<Arc> arcs) {

}
