package bugghost;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/** Runs every test among the classes of the working directory, and reports in the form that JUnit's own console has: /tmp/TEST-junit-jupiter.xml. */
public final class Tests {
  private static final String SELECT = "--select-method=";

  private Tests() {}

  public static void main(String[] words) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true);
    Path classes = Path.of("").toAbsolutePath();
    // The tests have a loader of their own, as under JUnit's console: an archive of classes holds only for a class path without folders.
    Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {classes.toUri().toURL()}));
    boolean priming = words.length == 1 && words[0].equals("--prime");
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(priming ? List.of(DiscoverySelectors.selectClass(Trial.class)) : wanted(words, classes)).build();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, summary, new LegacyXmlReportGeneratingListener(Path.of("/tmp"), out), new Lines(out));
    var counted = summary.getSummary();
    out.printf("%n%d tests: %d passed, %d failed, %d skipped%n", counted.getTestsFoundCount(), counted.getTestsSucceededCount(),
        counted.getTotalFailureCount(), counted.getTestsSkippedCount());
    if (counted.getTestsFoundCount() == 0) out.println("There is no method with @Test in a class here.");
    if (priming) return;
    // A test's forgotten threads do not keep the run from ending. 2 is JUnit's own code for "no tests".
    System.exit(counted.getTotalFailureCount() > 0 ? 1 : counted.getTestsFoundCount() == 0 ? 2 : 0);
  }

  /** The methods that --select-method= names, with their parameter types and as the report names them; without one, every test there is. */
  private static List<? extends DiscoverySelector> wanted(String[] words, Path classes) {
    List<? extends DiscoverySelector> methods =
        Arrays.stream(words)
            .filter(word -> word.startsWith(SELECT))
            // A number at the end is one round of a test that has many; it is run with all of them.
            .map(word -> word.substring(SELECT.length()).replaceFirst("\\[\\d+]$", ""))
            .distinct()
            .map(DiscoverySelectors::selectMethod)
            .toList();
    return methods.isEmpty() ? DiscoverySelectors.selectClasspathRoots(Set.of(classes)) : methods;
  }

  /** A line for each test as it ends. */
  private static final class Lines implements TestExecutionListener {
    private final PrintWriter out;

    Lines(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (!test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) return;
      out.println((result.getStatus() == TestExecutionResult.Status.SUCCESSFUL ? "passed  " : "FAILED  ") + test.getDisplayName());
      result.getThrowable().ifPresent(thrown -> out.println("        " + thrown));
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      out.println("skipped " + test.getDisplayName() + ": " + reason);
    }
  }

  /** What the image is primed with. */
  static final class Trial {
    @org.junit.jupiter.api.Test
    void passes() {
      org.junit.jupiter.api.Assertions.assertEquals(4, 2 + 2);
    }

    @org.junit.jupiter.api.Test
    void fails() {
      org.junit.jupiter.api.Assertions.assertThrows(IllegalStateException.class, () -> {});
    }
  }
}
