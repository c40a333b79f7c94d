// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Calls that take a clock, chance, a thread or a socket from nowhere. */
final class BannedCalls {
    private static final String NEW = "<init>";
    private static final Set<String> ANY = Set.of("*");

    /** Packages (by prefix) that are the real world's door. */
    private static final List<String> DOORS =
            List.of(
                    "dev.karst.net.",
                    "dev.karst.server.",
                    "dev.karst.core.net.",
                    // Copied into servers, and into nothing else.
                    "dev.karst.lib.opener.",
                    "dev.karst.core.world.",
                    // What a shell command shows to a person is never simulated.
                    "dev.karst.shell.Stopwatch",
                    // Works on the container itself, which is never simulated.
                    "dev.karst.upgrade.Outside");

    /** Time, chance, threads, sockets: by class, the names of what is banned. */
    private static final Map<String, Set<String>> WORLD =
            Map.ofEntries(
                    Map.entry(
                            "java.lang.Thread",
                            Set.of(NEW, "sleep", "ofVirtual", "ofPlatform", "startVirtualThread")),
                    Map.entry("java.util.concurrent.TimeUnit", Set.of("sleep")),
                    Map.entry("java.util.concurrent.Executors", ANY),
                    Map.entry("java.util.concurrent.ThreadPoolExecutor", Set.of(NEW)),
                    Map.entry("java.util.concurrent.ScheduledThreadPoolExecutor", Set.of(NEW)),
                    Map.entry("java.util.concurrent.ForkJoinPool", Set.of(NEW, "commonPool")),
                    Map.entry("java.util.Timer", Set.of(NEW)),
                    Map.entry("java.lang.System", Set.of("nanoTime", "currentTimeMillis")),
                    Map.entry("java.time.Instant", Set.of("now")),
                    Map.entry("java.time.LocalDate", Set.of("now")),
                    Map.entry("java.time.LocalDateTime", Set.of("now")),
                    Map.entry("java.time.OffsetDateTime", Set.of("now")),
                    Map.entry("java.time.ZonedDateTime", Set.of("now")),
                    Map.entry(
                            "java.time.Clock",
                            Set.of("system", "systemUTC", "systemDefaultZone", "tickMillis")),
                    Map.entry("java.lang.Math", Set.of("random")),
                    Map.entry("java.util.Random", Set.of(NEW)),
                    Map.entry(
                            "java.security.SecureRandom",
                            Set.of(NEW, "getInstance", "getInstanceStrong")),
                    Map.entry("java.util.concurrent.ThreadLocalRandom", Set.of("current")),
                    Map.entry("java.util.random.RandomGenerator", Set.of("getDefault", "of")),
                    Map.entry("java.util.UUID", Set.of("randomUUID")),
                    Map.entry("java.net.Socket", Set.of(NEW)),
                    Map.entry("java.net.ServerSocket", Set.of(NEW)),
                    Map.entry("java.net.DatagramSocket", Set.of(NEW)),
                    Map.entry("java.net.MulticastSocket", Set.of(NEW)),
                    Map.entry("java.nio.channels.SocketChannel", Set.of("open")),
                    Map.entry("java.nio.channels.ServerSocketChannel", Set.of("open")),
                    Map.entry("java.nio.channels.DatagramChannel", Set.of("open")),
                    Map.entry("java.nio.channels.AsynchronousSocketChannel", Set.of("open")),
                    Map.entry("java.nio.channels.AsynchronousServerSocketChannel", Set.of("open")),
                    Map.entry("java.nio.channels.Selector", Set.of("open")),
                    Map.entry("javax.net.SocketFactory", ANY),
                    Map.entry("javax.net.ssl.SSLSocketFactory", ANY),
                    Map.entry(
                            "java.net.InetAddress",
                            Set.of("getByName", "getAllByName", "getLocalHost", "isReachable")),
                    Map.entry(
                            "java.net.NetworkInterface",
                            Set.of("getNetworkInterfaces", "networkInterfaces", "getByName")),
                    Map.entry("java.net.URL", Set.of("openConnection", "openStream")),
                    Map.entry("java.net.http.HttpClient", Set.of("newHttpClient", "newBuilder")),
                    Map.entry("java.lang.ProcessBuilder", Set.of(NEW)),
                    Map.entry("java.lang.Runtime", Set.of("exec")));

    /** Hidden threads and class loaders held: banned behind the doors, too. */
    private static final Map<String, Set<String>> EVERYWHERE =
            Map.of(
                    "java.util.concurrent.SubmissionPublisher", Set.of(NEW),
                    "java.util.concurrent.CompletableFuture",
                            Set.of("orTimeout", "completeOnTimeout", "delayedExecutor"),
                    "java.util.ServiceLoader", ANY,
                    "java.lang.Thread", Set.of("getContextClassLoader"),
                    "java.security.Security", Set.of("addProvider", "insertProviderAt"),
                    "java.util.stream.BaseStream", Set.of("parallel"),
                    "java.util.stream.Stream", Set.of("parallel"));

    private BannedCalls() {}

    /** Calls that only the doors may make. */
    static List<String> world(Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        for (JavaClass c : classes) {
            if (DOORS.stream().noneMatch(c.getName()::startsWith)) {
                find(c, WORLD, out);
            }
        }
        return out;
    }

    /** Calls that nobody may make. */
    static List<String> everywhere(Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        classes.forEach(c -> find(c, EVERYWHERE, out));
        for (JavaClass c : classes) {
            for (JavaAccess<?> a : c.getAccessesFromSelf()) {
                if (a instanceof JavaCodeUnitAccess<?> call && hiddenPool(call.getTarget())) {
                    out.add(text(a) + " (without executor)");
                }
                if (a.getTarget().getName().equals("parallelStream")) { // of any collection
                    out.add(text(a));
                }
            }
        }
        return out;
    }

    /** ThreadLocals outlive their bundle in threads of others. */
    static List<String> threadLocals(Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        Map<String, Set<String>> banned =
                Map.of("java.lang.ThreadLocal", ANY, "java.lang.InheritableThreadLocal", ANY);
        classes.forEach(c -> find(c, banned, out));
        return out;
    }

    private static void find(JavaClass c, Map<String, Set<String>> banned, List<String> out) {
        for (JavaAccess<?> a : c.getAccessesFromSelf()) {
            Set<String> names = banned.get(a.getTargetOwner().getName());
            if (names != null && (names == ANY || names.contains(a.getTarget().getName()))) {
                out.add(text(a));
            }
        }
    }

    /** thenApplyAsync(f) runs on the common pool; thenApplyAsync(f, executor) does not. */
    private static boolean hiddenPool(CodeUnitAccessTarget target) {
        String owner = target.getOwner().getName();
        return (owner.equals("java.util.concurrent.CompletableFuture")
                        || owner.equals("java.util.concurrent.CompletionStage"))
                && target.getName().endsWith("Async")
                && target.getRawParameterTypes().stream()
                        .noneMatch(t -> t.getName().equals("java.util.concurrent.Executor"));
    }

    private static String text(JavaAccess<?> a) {
        return a.getOriginOwner().getName()
                + ":"
                + a.getLineNumber()
                + " calls "
                + a.getTargetOwner().getSimpleName()
                + "."
                + a.getTarget().getName();
    }
}
