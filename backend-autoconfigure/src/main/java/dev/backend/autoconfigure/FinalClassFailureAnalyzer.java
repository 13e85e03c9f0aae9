package dev.backend.autoconfigure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopConfigException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains what it takes that an aspect matches classes of ours as well: they are final,
 * so that Spring can make no proxy of them.
 */
class FinalClassFailureAnalyzer extends AbstractFailureAnalyzer<AopConfigException> {

	private static final Pattern OURS = Pattern.compile("\\bclass (dev\\.backend\\.[\\w.$]+)");

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, AopConfigException cause) {
		Matcher matcher = OURS.matcher(String.valueOf(cause.getMessage()));
		if (!matcher.find()) {
			return null;
		}
		return new FailureAnalysis(
				"An aspect matches %s, of which Spring can make no proxy: it is final.".formatted(matcher.group(1)),
				"Limit the pointcut of the aspect to packages of the application, such as within(com.example..*), or "
						+ "exclude those of the library by && !within(dev.backend..*).",
				cause);
	}

}
