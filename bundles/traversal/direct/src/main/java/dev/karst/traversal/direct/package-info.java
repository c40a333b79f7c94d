// SPDX-License-Identifier: Apache-2.0
/** The simplest idea: dial the peer's candidates, all of them, as RFC 8305 races addresses. */
package dev.karst.traversal.direct;
