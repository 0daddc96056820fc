package bugghost;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.internal.misc.MethodFinder;

/** {@code java <main class>} for the sandbox: starts the class that {@link Compile} noted, as the JVM's own launcher would. */
public final class Run {
  private Run() {}

  public static void main(String[] arguments) throws Throwable {
    if (arguments.length == 1 && arguments[0].equals("--wait")) arguments = Control.awaitWords();
    String name = Files.readString(Compile.MAIN_CLASS);
    Files.delete(Compile.MAIN_CLASS);
    try {
      start(Class.forName(name, false, ClassLoader.getSystemClassLoader()), arguments);
    } catch (InvocationTargetException thrown) {
      throw withoutUs(thrown.getCause());
    }
  }

  private static void start(Class<?> type, String[] arguments) throws Exception {
    Method main = MethodFinder.findMainMethod(type);
    main.setAccessible(true);
    Object instance = null;
    if (!Modifier.isStatic(main.getModifiers())) {
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      instance = constructor.newInstance();
    }
    if (main.getParameterCount() == 0) main.invoke(instance);
    else main.invoke(instance, (Object) arguments);
  }

  /** A stack trace that begins where the program does. */
  private static Throwable withoutUs(Throwable thrown) {
    for (Throwable one = thrown; one != null; one = one.getCause()) {
      List<StackTraceElement> frames = new ArrayList<>(Arrays.asList(one.getStackTrace()));
      int first = -1;
      for (int i = frames.size() - 1; i >= 0 && isOurs(frames.get(i)); i--) first = i;
      if (first >= 0) one.setStackTrace(frames.subList(0, first).toArray(StackTraceElement[]::new));
      if (one.getCause() == one) break;
    }
    return thrown;
  }

  private static boolean isOurs(StackTraceElement frame) {
    return frame.getClassName().startsWith("bugghost.") || frame.getClassName().startsWith("jdk.internal.reflect.") || frame.getClassName().equals("java.lang.reflect.Method");
  }
}
