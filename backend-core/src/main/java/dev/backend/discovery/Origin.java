package dev.backend.discovery;

/**
 * Where an instance is listed, and so what must be read to know that it is gone.
 *
 * @param source the source, as its {@linkplain SourceView#source() view} has it
 * @param name the registry's name of the service
 */
public record Origin(String source, String name) {
}
