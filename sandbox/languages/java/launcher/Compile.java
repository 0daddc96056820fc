package bugghost;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * {@code javac} for the sandbox: {@code [--wait] [--tests] [option]... -- entry [source]...} compiles the sources, the entry file first, into the working
 * directory, and notes which class to start. A public class need not be named like its file, since the code that people paste comes without one.
 */
public final class Compile {
  /** Where the launcher finds the class to start. */
  static final Path MAIN_CLASS = Path.of("/tmp/.bugghost-main-class");

  private Compile() {}

  public static void main(String[] words) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (words.length == 1 && words[0].equals("--wait")) {
      prime(compiler);
      words = Control.awaitWords();
    }
    List<String> all = List.of(words);
    int end = all.indexOf("--");
    boolean compiled = compile(compiler, all.subList(0, end), all.get(end + 1), all.subList(end + 2, all.size()));
    System.err.flush();
    // Nothing is left to do, so nothing is waited for.
    Runtime.getRuntime().halt(compiled ? 0 : 1);
  }

  /** Brings the compiler's own classes in. */
  private static void prime(JavaCompiler compiler) throws IOException {
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      Path source = Path.of("/opt/bugghost/launcher/Least.java");
      JavacTask task = (JavacTask) compiler.getTask(new PrintWriter(System.err), files, null, optionsWith(List.of()), null, files.getJavaFileObjects(source));
      task.parse();
      task.analyze();
    }
  }

  /** The run's own options, in the words of javac, with what goes without saying. */
  private static List<String> optionsWith(List<String> asked) throws IOException {
    List<String> options = new ArrayList<>(List.of("-proc:none", "-d", "."));
    for (String option : asked) {
      if (option.equals(TESTS)) options.addAll(List.of("-cp", Files.readString(JUNIT).strip() + ":."));
      else options.add(option);
      // The compiler wants to be told which version's previews are meant.
      if (option.equals("--enable-preview")) options.addAll(List.of("--release", String.valueOf(Runtime.version().feature())));
    }
    return options;
  }

  private static final String TESTS = "--tests";
  private static final Path JUNIT = Path.of("/opt/bugghost/junit.classpath");

  private static boolean compile(JavaCompiler compiler, List<String> asked, String entry, List<String> others) throws IOException {
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<JavaFileObject> sources = new ArrayList<>();
      sources.add(anyName(files.getJavaFileObjects(entry).iterator().next()));
      for (String other : others) {
        if (!other.equals(entry)) files.getJavaFileObjects(other).forEach(sources::add);
      }
      JavacTask task = (JavacTask) compiler.getTask(new PrintWriter(System.err), files, null, optionsWith(asked), null, sources);
      List<String> startable = new ArrayList<>();
      task.addTaskListener(
          new TaskListener() {
            @Override
            public void finished(TaskEvent event) {
              // The entry file comes first, so the first class that can be started is its own.
              if (event.getKind() == TaskEvent.Kind.PARSE) addStartable(event.getCompilationUnit(), startable);
            }
          });
      if (!task.call()) return false;
      if (asked.contains(TESTS)) return true;
      if (startable.isEmpty()) {
        System.err.println(entry + ": error: no class in it has a main method");
        return false;
      }
      Files.writeString(MAIN_CLASS, startable.get(0));
      return true;
    }
  }

  private static JavaFileObject anyName(JavaFileObject file) {
    return new ForwardingJavaFileObject<>(file) {
      @Override
      public boolean isNameCompatible(String simpleName, Kind kind) {
        return kind == Kind.SOURCE;
      }
    };
  }

  private static void addStartable(CompilationUnitTree unit, List<String> startable) {
    String prefix = unit.getPackageName() == null ? "" : unit.getPackageName() + ".";
    for (Tree declared : unit.getTypeDecls()) {
      if (!(declared instanceof ClassTree type)) continue;
      for (Tree member : type.getMembers()) {
        if (member instanceof MethodTree method && method.getName().contentEquals("main")) {
          startable.add(prefix + type.getSimpleName());
          break;
        }
      }
    }
  }
}
