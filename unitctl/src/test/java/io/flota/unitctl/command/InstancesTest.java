package io.flota.unitctl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unit.UnitName;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstancesTest {
    @ParameterizedTest(name = "{0} scaled to {1} keeps {2}, destroys {3}, leaves {4} alone")
    @CsvSource(nullValues = "-", textBlock = """
            -,              0, '',              '',      ''
            -,              3, 1 2 3,           '',      ''
            1 2 3,          3, 1 2 3,           '',      ''
            1 2 3,          5, 1 2 3 4 5,       '',      ''
            2 5,            4, 1 2 3 5,         '',      ''
            1 2 10 9,       2, 1 2,             10 9,    ''
            1 2 3,          0, '',              3 2 1,   ''
            0 1,            3, 0 1 2,           '',      ''
            0 1,            1, 0,               1,       ''
            acme 2 globex,  2, 1 2,             '',      acme globex
            01 1 1x 1.5,    1, 1,               '',      01 1.5 1x
            1234567890123,  1, 1,               '',      1234567890123
            """)
    void theLowestNumbersStayAndTheLowestFreeOnesComeFirst(
            String registered, int wanted, String kept, String surplus, String others) {
        var template = new UnitName("web@.service");
        var names = registered == null ? List.<UnitName>of() : Arrays.stream(registered.split(" "))
                .map(instance -> new UnitName("web@" + instance + ".service"))
                .collect(Collectors.toList());

        var instances = Instances.of(template, wanted, names);

        assertThat(words(instances.kept())).isEqualTo(kept);
        assertThat(words(instances.surplus())).isEqualTo(surplus);
        assertThat(words(instances.others())).isEqualTo(others);
    }

    private static String words(List<UnitName> names) {
        return names.stream().map(UnitName::instance).collect(Collectors.joining(" "));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"web@.service", "web@1.socket", "web@@1.service", "webs@1.service", "web.service"})
    void whatIsNoInstanceOfTheTemplateIsNoneOfItsAffair(String name) {
        var instances = Instances.of(new UnitName("web@.service"), 0, List.of(new UnitName(name)));

        assertThat(instances.surplus()).isEmpty();
        assertThat(instances.others()).hasSize(name.equals("web@@1.service") ? 1 : 0);
    }
}
