package io.flota.unit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.flota.unit.UnitProperties.Property;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitPropertiesTest {
    private static final UnitName WEB = new UnitName("web@1.service");

    @Test
    void valuesAreReadAsSystemdReadsThem() {
        var properties = UnitProperties.of(ImmutableMap.of(
                "MemoryMax", "64M", "MemoryHigh", "infinity", "CPUQuota", "12.5%", "CPUWeight", "100", "IOWeight", "1",
                "TasksMax", "infinity"));

        assertThat(properties.numbers()).containsExactly(
                Map.entry(Property.MEMORY_MAX, 64L << 20),
                Map.entry(Property.MEMORY_HIGH, UnitProperties.UNLIMITED),
                Map.entry(Property.CPU_QUOTA, 125_000L),
                Map.entry(Property.CPU_WEIGHT, 100L),
                Map.entry(Property.IO_WEIGHT, 1L),
                Map.entry(Property.TASKS_MAX, UnitProperties.UNLIMITED));
        assertThat(properties.numbers().keySet()).containsExactly(Property.values());
    }

    @Test
    void aChangeKeepsWhatItDoesNotNameAndAnEmptyValueTakesAway() {
        var properties = UnitProperties.NONE.with(Map.of("MemoryMax", "64M", "TasksMax", "7"));

        assertThat(properties.with(Map.of("MemoryMax", "", "CPUQuota", "50%")).toString())
                .isEqualTo("CPUQuota=50% TasksMax=7");
        assertThat(properties.with(Map.of("MemoryMax", "", "TasksMax", ""))).isEqualTo(UnitProperties.NONE);
    }

    @Test
    void whatANewerVersionHasSetIsKeptAndNotRead() {
        var properties = UnitProperties.of(Map.of("MemoryMax", "half of it", "AllowedCPUs", "0-3"));

        assertThat(properties.numbers()).isEmpty();
        assertThat(properties.with(Map.of("TasksMax", "7")).values()).hasSize(3);
    }

    @ParameterizedTest(name = "{0}: {1}={2}")
    @CsvSource(delimiter = '|', nullValues = "-", emptyValue = "", textBlock = """
            web.service  | MemoryMax | 64M      | -
            web.service  | MemoryMax | ''       | -
            web.socket   | TasksMax  | infinity | -
            web.service  | MemoryMax | 0        | unit web.service: MemoryMax=: "0" leaves nothing to run with
            web.service  | MemoryMax | much     | unit web.service: MemoryMax=: "much" is not a size. Write it as 65536, 64M, 1.5G or infinity
            web.service  | MemoryMax | 50%      | unit web.service: MemoryMax=: "50%" is not a size. Write it as 65536, 64M, 1.5G or infinity
            web.service  | CPUQuota  | 2        | unit web.service: CPUQuota=: "2" is not a share. Write it as 20% or 12.5%
            web.service  | CPUWeight | 10001    | unit web.service: CPUWeight=: "10001" is not a whole number from 1 to 10000
            web.service  | TasksMax  | -1       | unit web.service: TasksMax=: "-1" is not a whole number from 1 to 2147483647
            web.service  | Restart   | always   | unit web.service: "Restart" cannot be changed while a unit runs. These can: MemoryMax, MemoryHigh, CPUQuota, CPUWeight, IOWeight, TasksMax
            web.timer    | TasksMax  | 7        | unit web.timer: TasksMax is for units that have processes, such as services
            web@.service | TasksMax  | 7        | unit web@.service is a template, which runs nowhere; set TasksMax for its instances
            """)
    void whatIsWrongIsToldInALine(String unit, String name, String value, String problem) {
        assertThat(UnitProperties.problem(new UnitName(unit), name, value).orElse(null)).isEqualTo(problem);
    }

    @Test
    void aLineForAnOperatorHasNoControlCharacters() {
        assertThat(UnitProperties.problem(WEB, "Mem\nory", "1")).hasValueSatisfying(line ->
                assertThat(line).contains("\"Mem\\x0aory\""));
    }
}
