// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whose life a set of sockets shares. A socket has one owner; the core may take it over from the
 * scope it was made in by adopting it elsewhere. Thread-safe; no call blocks.
 */
public final class SocketOwner implements AutoCloseable {
    /** What can be owned. */
    interface Owned {
        void close();

        /** Where the owner is remembered; guarded by itself. */
        Slot slot();
    }

    /** Remembers the one owner of a socket. */
    static final class Slot {
        private SocketOwner owner;
    }

    private final Set<Owned> open = new HashSet<>();
    private boolean closed;

    /** Takes a socket over from its present owner; false if this owner is closed already. */
    public boolean adopt(TcpSocket socket) {
        return adopt((Object) socket);
    }

    /** Takes a socket over from its present owner; false if this owner is closed already. */
    public boolean adopt(UdpSocket socket) {
        return adopt((Object) socket);
    }

    /** Takes a listener over from its present owner; false if this owner is closed already. */
    public boolean adopt(TcpListener listener) {
        return adopt((Object) listener);
    }

    /** Lets go of a socket without closing it; false if it is not this owner's. */
    public boolean release(TcpSocket socket) {
        return socket instanceof Owned o && forget(o);
    }

    /** Lets go of a socket without closing it; false if it is not this owner's. */
    public boolean release(UdpSocket socket) {
        return socket instanceof Owned o && forget(o);
    }

    /** Gives everything to another owner; what that one cannot take any more is closed. */
    public void moveTo(SocketOwner other) {
        for (Owned o : snapshot(false)) {
            if (!other.own(o)) {
                o.close();
            }
        }
    }

    /** Sockets it owns now. */
    public int size() {
        synchronized (open) {
            return open.size();
        }
    }

    /** Closes everything it owns, and whatever it is given later. Repeats are no-ops. */
    @Override
    public void close() {
        snapshot(true).forEach(Owned::close);
    }

    private List<Owned> snapshot(boolean close) {
        synchronized (open) {
            closed |= close;
            return new ArrayList<>(open);
        }
    }

    private boolean adopt(Object socket) {
        if (!(socket instanceof Owned o)) {
            throw new IllegalArgumentException("not a socket of this network");
        }
        return own(o);
    }

    boolean own(Owned o) {
        Slot slot = o.slot();
        synchronized (slot) {
            synchronized (open) {
                if (closed) {
                    return false;
                }
                open.add(o);
            }
            if (slot.owner != null && slot.owner != this) {
                slot.owner.drop(o);
            }
            slot.owner = this;
            return true;
        }
    }

    private boolean forget(Owned o) {
        synchronized (o.slot()) {
            if (o.slot().owner != this) {
                return false;
            }
            o.slot().owner = null;
            drop(o);
            return true;
        }
    }

    private void drop(Owned o) {
        synchronized (open) {
            open.remove(o);
        }
    }

    /** The socket is over: nobody's any more. */
    static void over(Owned o) {
        synchronized (o.slot()) {
            if (o.slot().owner != null) {
                o.slot().owner.drop(o);
                o.slot().owner = null;
            }
        }
    }
}
