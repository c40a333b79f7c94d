// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a router does with control requests, with its habits. */
final class IgdService {
    /** One row of its table. */
    record Row(String client, int port, long lease, String description) {}

    final String type;
    final Map<String, Row> rows = new ConcurrentHashMap<>();
    final Map<Long, Row> pinholes = new ConcurrentHashMap<>();

    volatile boolean permanentOnly;
    volatile boolean samePortsOnly;
    volatile boolean secure = true;
    volatile boolean refusesOwn;
    volatile long longestLease = Long.MAX_VALUE;
    volatile int error;
    volatile int takenFrom = 65536;
    volatile String external = "45.45.0.1";
    volatile String working = "1";
    private long nextId = 1;

    IgdService(String type) {
        this.type = type;
    }

    /** Status and body. */
    synchronized String[] answer(String action, String body, InetAddress from) {
        if (error != 0 && (action.startsWith("Add") || action.startsWith("Update"))) {
            return error(error);
        }
        return switch (action) {
            case "GetExternalIPAddress" -> ok(action, "NewExternalIPAddress", external);
            case "GetStatusInfo" -> ok(action, "NewConnectionStatus", "Connected");
            case "AddPortMapping" -> add(body, from);
            case "AddAnyPortMapping" -> addAny(body, from);
            case "DeletePortMapping" -> rows.remove(key(body)) == null ? error(714) : ok(action);
            case "GetSpecificPortMappingEntry" -> specific(action, body);
            case "GetFirewallStatus" ->
                    ok(action, "FirewallEnabled", "1", "InboundPinholeAllowed", "1");
            case "AddPinhole" -> addPinhole(action, body, from);
            case "UpdatePinhole" -> pinholes.containsKey(id(body)) ? ok(action) : error(704);
            case "DeletePinhole" -> pinholes.remove(id(body)) == null ? error(704) : ok(action);
            case "CheckPinholeWorking" -> ok(action, "IsWorking", working);
            default -> error(401);
        };
    }

    private String[] add(String body, InetAddress from) {
        Row row =
                new Row(
                        arg(body, "NewInternalClient"),
                        Integer.parseInt(arg(body, "NewInternalPort")),
                        Long.parseLong(arg(body, "NewLeaseDuration")),
                        arg(body, "NewPortMappingDescription"));
        if (secure && !row.client().equals(from.getHostAddress())) {
            return error(606);
        }
        if (permanentOnly && row.lease() != 0) {
            return error(725);
        }
        if (samePortsOnly && row.port() != Integer.parseInt(arg(body, "NewExternalPort"))) {
            return error(724);
        }
        if (Integer.parseInt(arg(body, "NewExternalPort")) >= takenFrom) {
            return error(718);
        }
        Row old = rows.get(key(body));
        boolean own = old != null && old.client().equals(row.client()) && old.port() == row.port();
        if (old != null && (!own || refusesOwn)) {
            return error(718);
        }
        long lease = Math.min(row.lease(), longestLease);
        rows.put(key(body), new Row(row.client(), row.port(), lease, row.description()));
        return ok("AddPortMapping");
    }

    private String[] addAny(String body, InetAddress from) {
        if (!type.endsWith(":2")) {
            return error(401);
        }
        String free = body.replaceAll("<NewExternalPort>[0-9]*<", "<NewExternalPort>50001<");
        String[] answer = add(free, from);
        return answer[0].equals("200")
                ? ok("AddAnyPortMapping", "NewReservedPort", "50001")
                : answer;
    }

    private String[] specific(String action, String body) {
        Row row = rows.get(key(body));
        return row == null
                ? error(714)
                : ok(
                        action,
                        "NewInternalPort",
                        String.valueOf(row.port()),
                        "NewInternalClient",
                        row.client(),
                        "NewEnabled",
                        "1",
                        "NewPortMappingDescription",
                        row.description(),
                        "NewLeaseDuration",
                        String.valueOf(row.lease()));
    }

    private String[] addPinhole(String action, String body, InetAddress from) {
        String client = arg(body, "InternalClient");
        if (!Literals.same(Literals.parse(client).orElseThrow(), from)) {
            return error(606);
        }
        long lease = Long.parseLong(arg(body, "LeaseTime"));
        int port = Integer.parseInt(arg(body, "InternalPort"));
        Row row = new Row(client, port, lease, arg(body, "Protocol"));
        for (Map.Entry<Long, Row> e : pinholes.entrySet()) {
            Row old = e.getValue();
            if (old.client().equals(client)
                    && old.port() == port
                    && old.description().equals(row.description())) {
                e.setValue(row);
                return ok(action, "UniqueID", String.valueOf(e.getKey()));
            }
        }
        pinholes.put(nextId, row);
        return ok(action, "UniqueID", String.valueOf(nextId++));
    }

    private static String key(String body) {
        return arg(body, "NewProtocol") + " " + arg(body, "NewExternalPort");
    }

    private static long id(String body) {
        return Long.parseLong(arg(body, "UniqueID"));
    }

    static String arg(String body, String name) {
        Matcher m = Pattern.compile("<" + name + ">([^<]*)</").matcher(body);
        return m.find() ? m.group(1) : "";
    }

    private String[] ok(String action, String... arguments) {
        StringBuilder out = new StringBuilder("<m:" + action + "Response xmlns:m=\"urn:x\">");
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i];
            out.append("<" + name + ">" + arguments[i + 1] + "</" + name + ">");
        }
        return new String[] {"200", envelope(out + "</m:" + action + "Response>")};
    }

    private static String[] error(int code) {
        return new String[] {
            "500",
            envelope(
                    "<s:Fault><faultcode>s:Client</faultcode><detail><UPnPError><errorCode>"
                            + code
                            + "</errorCode><errorDescription>so\nsays \u0007the fake "
                            + "x".repeat(300)
                            + "</errorDescription></UPnPError></detail></s:Fault>")
        };
    }

    private static String envelope(String body) {
        return "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"urn:s\"><s:Body>"
                + body
                + "</s:Body></s:Envelope>";
    }
}
