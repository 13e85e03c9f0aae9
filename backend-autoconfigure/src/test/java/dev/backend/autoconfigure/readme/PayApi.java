package dev.backend.autoconfigure.readme;

import dev.backend.autoconfigure.http.HttpRoutes;

import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;

@HttpExchange("http://pay")
interface PayApi {

	@GetExchange("/orders/{id}")
	PayOrders.Order order(@PathVariable("id") long id, @RequestAttribute(HttpRoutes.KEY_ATTRIBUTE) String userId);

}
