// SPDX-License-Identifier: Apache-2.0
/** A STUN server as a state machine: datagrams in, answers out; RFC 8489, 5780 and 3489. */
package dev.karst.lib.stun.server;
