package io.flota.unitctl.render;

import java.util.List;

/// Columns aligned by tabs, as fleetctl wrote them: each column as wide as its widest cell and one more, rounded up to
/// the next tab stop. Scripts may cut at tabs or at blanks.
final class Table {
    private static final int TAB = 8;

    private Table() {}

    static String render(List<List<String>> rows) {
        return render(rows, List.of());
    }

    /// @param rows all of the same length; an empty cell shows as `-`
    /// @param least how wide each column is at least; empty: as it comes
    static String render(List<List<String>> rows, List<Integer> least) {
        var text = new StringBuilder();
        int[] widths = widths(rows, least);
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                String cell = row.get(i).isEmpty() ? "-" : row.get(i);
                text.append(cell);
                if (i < row.size() - 1) {
                    int gap = widths[i] - visible(cell);
                    text.repeat('\t', (gap + TAB - 1) / TAB);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static int[] widths(List<List<String>> rows, List<Integer> least) {
        int[] widths = new int[rows.isEmpty() ? 0 : rows.getFirst().size()];
        for (int i = 0; i < Math.min(widths.length, least.size()); i++) {
            widths[i] = least.get(i);
        }
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                int wanted = Math.max(1, visible(row.get(i))) + 1;
                widths[i] = Math.max(widths[i], (wanted + TAB - 1) / TAB * TAB);
            }
        }
        return widths;
    }

    /// How many columns a cell takes: colours take none.
    private static int visible(String cell) {
        int length = 0;
        boolean escaped = false;
        for (int i = 0; i < cell.length(); i++) {
            char c = cell.charAt(i);
            if (escaped) {
                escaped = c != 'm';
            } else if (c == '\u001b') {
                escaped = true;
            } else if (!Character.isLowSurrogate(c)) {
                length++;
            }
        }
        return length;
    }
}
