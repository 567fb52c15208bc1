package io.flota.unitctl.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A list that a user can choose the columns of. Cells are short; [#value] holds all there is to know.
///
/// @param <R> what a row shows
public abstract sealed class Listing<R> 
        permits UnitListing, UnitFileListing, MachineListing, EndpointListing, EventListing, UsageListing {
    /// The columns that exist.
    public abstract List<String> fields();

    /// The columns that are shown unless others are asked for.
    public abstract List<String> usual();

    /// The columns of the wide form.
    public abstract List<String> wide();

    abstract String cell(R row, String field, boolean full, Palette palette);

    /// How wide a column is at least.
    int least(String field) {
        return 0;
    }

    /// A row as a tree of strings, numbers, truth values, lists and maps.
    abstract Map<String, Object> value(R row);

    /// What is wrong with a choice of columns, in fleet's words; empty if nothing is.
    public Optional<String> problem(List<String> chosen) {
        if (chosen.isEmpty()) {
            return Optional.of("Must define output format: --fields " + String.join(",", usual()));
        }
        return chosen.stream()
                .filter(field -> !fields().contains(field))
                .findFirst()
                .map(field -> "Invalid key in output format: \"" + field + "\"; there are "
                        + String.join(", ", fields()));
    }

    /// @param full whole ids and hashes instead of their first digits
    public String table(List<R> rows, List<String> columns, boolean legend, boolean full, Palette palette) {
        var cells = new ArrayList<List<String>>();
        if (legend) {
            cells.add(columns.stream().map(column -> column.toUpperCase(Locale.ROOT)).toList());
        }
        for (R row : rows) {
            var line = new ArrayList<String>();
            for (String column : columns) {
                line.add(cell(row, column, full, palette));
            }
            cells.add(line);
        }
        return Table.render(cells, columns.stream().map(this::least).toList());
    }

    public List<Map<String, Object>> values(List<R> rows) {
        return rows.stream().map(this::value).toList();
    }
}
