// SPDX-License-Identifier: Apache-2.0
/** The contract of port mappers. */
package dev.karst.itests.tck.portmap;
