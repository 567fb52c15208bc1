package io.flota.agent.runtime.systemd;

import java.io.PrintWriter;
import java.util.Arrays;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.LoggingListener;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// Runs tests in a process on a node: `CLASS` or `CLASS#METHOD` each. Ends with 0 if all that were found passed.
final class RunInside {
    private RunInside() {}

    public static void main(String[] classes) {
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(classes)
                        .map(name -> name.contains("#")
                                ? DiscoverySelectors.selectMethod(name)
                                : DiscoverySelectors.selectClass(name))
                        .toList())
                .build();
        var summary = new SummaryGeneratingListener();
        var progress = LoggingListener.forBiConsumer((_, message) -> System.out.println("# " + message.get()));
        LauncherFactory.create().execute(request, summary, progress);
        var found = summary.getSummary();
        found.printFailuresTo(new PrintWriter(System.out, true), 25);
        System.out.println("passed " + found.getTestsSucceededCount() + ", failed " + found.getTotalFailureCount()
                + ", skipped " + found.getTestsSkippedCount());
        boolean fine = found.getTotalFailureCount() == 0 && found.getTestsSucceededCount() > 0;
        Runtime.getRuntime().halt(fine ? 0 : 1);
    }
}
