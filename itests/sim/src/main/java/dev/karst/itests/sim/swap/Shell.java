// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.Subscription;
import dev.karst.itests.sim.SimHost;
import dev.karst.spi.Scope;
import dev.karst.spi.traversal.Attempt;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Stands in front of one provider: makes it misbehave, and notices what must not happen after it
 * left: calls, and scopes of its that are still open.
 */
final class Shell implements InvocationHandler {
    private static final int LATE_MILLIS = 4_000;

    private final String name;
    private final Object provider;
    private final SimHost host;
    private final Consumer<String> trouble;
    private final Set<Scope> scopes = new LinkedHashSet<>();
    private Manner manner = Manner.FINE;
    private boolean gone;

    Shell(String name, Object provider, SimHost host, Consumer<String> trouble) {
        this.name = name;
        this.provider = provider;
        this.host = host;
        this.trouble = trouble;
    }

    <T> T as(Class<T> kind) {
        return kind.cast(
                Proxy.newProxyInstance(kind.getClassLoader(), new Class<?>[] {kind}, this));
    }

    void manner(Manner m) {
        manner = m;
    }

    /** It has left; soon nothing of it may be in use. */
    void gone() {
        gone = true;
        scopes.removeIf(Scope::cancelled);
        if (!scopes.isEmpty()) {
            trouble.accept(scopes.size() + " scopes of " + name + " are open after it left");
        }
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> proxy == args[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> name;
            };
        }
        if (gone) {
            trouble.accept(name + " was called after it left: " + method.getName());
        }
        for (Object a : args == null ? new Object[0] : args) {
            Scope s = a instanceof Attempt t ? t.scope() : a instanceof Scope own ? own : null;
            if (s != null && !s.cancelled() && scopes.add(s)) {
                s.onCancel(() -> scopes.remove(s));
            }
        }
        host.world().trace(host.name(), "calls " + name + " " + method.getName() + " " + manner);
        return answer(method, args);
    }

    private Object answer(Method method, Object[] args) throws Throwable {
        boolean staged = CompletionStage.class.isAssignableFrom(method.getReturnType());
        if (manner == Manner.THROWS) {
            throw new IllegalStateException("made to throw");
        }
        if (manner == Manner.HANGS && staged) {
            return new CompletableFuture<>();
        }
        if (manner == Manner.HANGS && method.getReturnType() == Subscription.class) {
            return (Subscription) () -> {};
        }
        Object result;
        try {
            result = method.invoke(provider, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (!staged) {
            return result;
        }
        return switch (manner) {
            case LATE -> late((CompletionStage<?>) result);
            case TWICE -> Twice.of((CompletionStage<?>) result);
            default -> result;
        };
    }

    private <T> CompletionStage<T> late(CompletionStage<T> stage) {
        CompletableFuture<T> f = new CompletableFuture<>();
        Duration delay = Duration.ofMillis(1 + host.random().nextInt(LATE_MILLIS));
        stage.whenComplete(
                (r, e) ->
                        host.after(
                                delay,
                                () -> {
                                    if (e == null) {
                                        f.complete(r);
                                    } else {
                                        f.completeExceptionally(e);
                                    }
                                }));
        return f;
    }
}
