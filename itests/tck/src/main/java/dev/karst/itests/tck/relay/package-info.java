// SPDX-License-Identifier: Apache-2.0
/** What every relay provider must do. */
package dev.karst.itests.tck.relay;
