package dev.backend.discovery.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file with the instances that a source has listed last. It is replaced as a whole, so
 * that a reader never sees half of it, and only its owner may read it, where the file
 * system knows owners: metadata may hold secrets. When it was last modified is when a
 * read last confirmed it. What goes wrong is logged and harms nobody. One thread writes.
 */
final class SnapshotFile {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotFile.class);

	private static final int VERSION = 2;

	private static final long MAXIMUM_BYTES = 64L * 1024 * 1024;

	private static final Duration TOUCH_INTERVAL = Duration.ofMinutes(1);

	private final JsonMapper json = JsonMapper.builder().build();

	private final Path path;

	private final Duration maximumAge;

	private @Nullable List<SourceContent> written;

	private long writtenAt;

	private boolean failing;

	SnapshotFile(Path path, Duration maximumAge) {
		this.path = path.toAbsolutePath();
		this.maximumAge = maximumAge;
	}

	/**
	 * Reads the file.
	 * @param source what the file must be of
	 * @return what each view of the source listed; nothing if there is no usable file
	 */
	List<SourceContent> read(String source) {
		try {
			Instant confirmedAt = Files.getLastModifiedTime(this.path).toInstant();
			if (confirmedAt.plus(this.maximumAge).isBefore(Instant.now())) {
				return unusable("last confirmed at %s (expected: within %s)".formatted(confirmedAt,
						DurationText.of(this.maximumAge)));
			}
			if (Files.size(this.path) > MAXIMUM_BYTES) {
				return unusable("%d bytes (expected: at most %d)".formatted(Files.size(this.path), MAXIMUM_BYTES));
			}
			@Nullable Content content = this.json.readValue(Files.readAllBytes(this.path), Content.class);
			if (content == null) {
				return unusable("not a snapshot: null");
			}
			if (content.version() != VERSION || !source.equals(content.source())) {
				return unusable("version %d of '%s' (expected: version %d of '%s')".formatted(content.version(),
						content.source(), VERSION, source));
			}
			return content.views();
		}
		catch (NoSuchFileException ex) {
			return List.of();
		}
		catch (IOException ex) {
			return unusable(ex.toString());
		}
		catch (JacksonException ex) {
			return unusable("not a snapshot: " + ex.getOriginalMessage());
		}
	}

	private List<SourceContent> unusable(String reason) {
		logger.warn("Snapshot file {} is not used: {}", this.path, reason);
		return List.of();
	}

	/**
	 * Replaces the file if the instances are others than those that were written last,
	 * and says else, now and then, that they are still right.
	 * @param source what lists the instances
	 * @param views the instances of each view
	 */
	void write(String source, List<SourceContent> views) {
		boolean changed = !views.equals(this.written);
		if (!changed && System.nanoTime() - this.writtenAt < TOUCH_INTERVAL.toNanos()) {
			return;
		}
		try {
			if (changed) {
				replace(new Content(VERSION, source, views));
			}
			else {
				Files.setLastModifiedTime(this.path, FileTime.from(Instant.now()));
			}
			this.written = views;
			this.failing = false;
		}
		catch (IOException | JacksonException ex) {
			this.written = null;
			if (!this.failing) {
				logger.warn("Snapshot file {} cannot be written (is its folder there, and writable?): {}", this.path,
						ex.toString());
			}
			this.failing = true;
		}
		this.writtenAt = System.nanoTime();
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

	private void replace(Content content) throws IOException {
		Path folder = this.path.resolveSibling("");
		Files.createDirectories(folder);
		Path temporary = Files.createTempFile(folder, this.path.getFileName().toString(), ".tmp");
		try {
			Files.write(temporary, this.json.writeValueAsBytes(content));
			Files.move(temporary, this.path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		finally {
			Files.deleteIfExists(temporary);
		}
	}

	/**
	 * What is in the file.
	 *
	 * @param version of this format
	 * @param source what has listed the instances
	 * @param views the instances of each view
	 */
	record Content(int version, String source, List<SourceContent> views) {

		Content {
			Objects.requireNonNull(source, "source");
			views = List.copyOf(views);
		}

	}

	/**
	 * What one view of a source has listed.
	 *
	 * @param view the name of the view, as snapshots have it
	 * @param instances the instances
	 */
	record SourceContent(String view, List<DiscoveredInstance> instances) {

		SourceContent {
			Objects.requireNonNull(view, "view");
			instances = List.copyOf(instances);
		}

	}

}
