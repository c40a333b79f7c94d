// SPDX-License-Identifier: Apache-2.0
/**
 * Ports opened by UPnP. What goes over the wire (UPnP Device Architecture 1.1; WANIPConnection:1
 * and :2, WANPPPConnection:1, WANIPv6FirewallControl:1):
 *
 * <pre>
 *   node                                              router
 *    | M-SEARCH, UDP, to the group and to the router    |
 *    | ------------------------------------------------&gt; |
 *    | &lt;---- 200 OK, LOCATION: http://router/desc.xml -- |
 *    | GET /desc.xml                                    |  which services, where to control them
 *    | POST /control: GetExternalIPAddress, …           |  SOAP; errors are HTTP 500 + UPnPError
 *    | POST /control: AddPortMapping or AddPinhole      |
 *    | &lt;---- NOTIFY ssdp:byebye, ssdp:alive (group) ---- |  it restarts
 * </pre>
 */
package dev.karst.portmap.upnp;
