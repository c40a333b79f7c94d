// SPDX-License-Identifier: Apache-2.0
/**
 * TCP hole punching: both sides connect to each other at the same moment (RFC 9293 section 3.5,
 * simultaneous open). Messages between them agree on the moment; see {@link
 * dev.karst.traversal.tcppunch.Note}.
 */
package dev.karst.traversal.tcppunch;
