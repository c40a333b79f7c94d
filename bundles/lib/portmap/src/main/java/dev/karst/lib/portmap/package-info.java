// SPDX-License-Identifier: Apache-2.0
/**
 * What NAT-PMP (RFC 6886) and PCP (RFC 6887) have in common: a question to a gateway by UDP, sent
 * again until it is answered; the gateway's count of seconds, by which it tells that it forgot; and
 * its announcements to port 5350. All by the caller's {@link dev.karst.spi.Scope}.
 */
package dev.karst.lib.portmap;
