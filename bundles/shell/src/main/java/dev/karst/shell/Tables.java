// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import java.io.PrintStream;
import org.apache.karaf.shell.support.table.ShellTable;

/** Tables with one line of code per row; foreign texts cannot break them. */
final class Tables {
    private final ShellTable table = new ShellTable();

    /** Columns whose name begins with {@code >} are set to the right. */
    Tables(String empty, String... columns) {
        for (String column : columns) {
            if (column.startsWith(">")) {
                table.column(column.substring(1)).alignRight();
            } else {
                table.column(column);
            }
        }
        table.emptyTableText(empty);
    }

    Tables row(Object... cells) {
        Object[] safe = new Object[cells.length];
        for (int i = 0; i < cells.length; i++) {
            safe[i] = Text.safe(String.valueOf(cells[i]));
        }
        table.addRow().addContent(safe);
        return this;
    }

    void print(PrintStream out) {
        table.print(out);
    }
}
