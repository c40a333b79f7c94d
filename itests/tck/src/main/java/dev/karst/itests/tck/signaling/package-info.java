// SPDX-License-Identifier: Apache-2.0
/** The contract of signaling backends. */
package dev.karst.itests.tck.signaling;
