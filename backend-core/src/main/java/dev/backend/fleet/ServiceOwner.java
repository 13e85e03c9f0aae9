package dev.backend.fleet;

/**
 * The backend of a service, as the service sees it; one for all services of a run.
 *
 * @param backend the name of the backend
 * @param suspender what a service is suspended by that asks for it itself
 */
record ServiceOwner(String backend, Suspender suspender) {
}
