package io.flota.scheduler.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.base.Strings;

/// One line of a unit file, as fleet's API has it. The value keeps the backslashes and line ends by which it goes on.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record UnitOption(String section, String name, String value) {
    /// What a client leaves out is empty.
    UnitOption {
        section = Strings.nullToEmpty(section);
        name = Strings.nullToEmpty(name);
        value = Strings.nullToEmpty(value);
    }

    /// As it reads once it was in a file.
    UnitOption stripped() {
        return new UnitOption(section, name.strip(), value.strip());
    }
}
