package dev.backend.protocol;

record Order(int id, String text) {
}
