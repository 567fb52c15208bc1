package io.flota.agent.render;

import static io.flota.agent.render.FactsOfTests.HERE;
import static io.flota.agent.render.FactsOfTests.endpoint;
import static io.flota.agent.render.FactsOfTests.facts;
import static io.flota.agent.render.FactsOfTests.machine;
import static io.flota.agent.render.FactsOfTests.web;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.unit.UnitName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplatesTest {
    private static String render(String template, Facts facts) throws TemplateException {
        return Templates.render(template, line -> "t:" + line, facts.of(new UnitName("lb@7.service"), HERE)).text();
    }

    @Test
    void endpointsAreListedInTheOrderOfUnits() throws TemplateException {
        var template = """
                upstream web {
                {% for e in endpoints.web %}
                    server {{ e.address }}:{{ e.port }}; # {{ e.unit }} {{ e.name }} {{ e.instance }}
                {% endfor %}
                }
                """;

        assertThat(render(template, facts(web(2), web(1)))).isEqualTo("""
                upstream web {
                    server 10.0.0.1:8080; # web@1.service web-1 1
                    server 10.0.0.2:8080; # web@2.service web-2 2
                }
                """);
    }

    @Test
    void attributesHaveDefaultsAndServicesMayHaveDashes() throws TemplateException {
        var heavy = endpoint("my-web", "a.service", "h.example", 1, ImmutableMap.of("weight", "20"));
        var plain = endpoint("my-web", "b.service", "::1", 2, ImmutableMap.of());

        assertThat(render(
                        "{% for e in endpoints['my-web'] %}{{ e.attributes.weight | default(1) }} {{ e.host_port }} {% endfor %}",
                        facts(heavy, plain)))
                .isEqualTo("20 h.example:1 1 [::1]:2 ");
    }

    @Test
    void aServiceThatNobodyAnnouncesHasNoEndpoints() throws TemplateException {
        assertThat(render("{{ endpoints.web | length }}{% for e in endpoints.db %}x{% endfor %}", facts())).isEqualTo("0");
    }

    @Test
    void theUnitAndTheMachinesAreKnown() throws TemplateException {
        assertThat(render(
                        "{{ unit.unit }} {{ unit.prefix }} {{ unit.instance }} {{ unit.machine.hostname }}"
                                + " {{ unit.machine.metadata.role }}{% for m in machines %} {{ m.address }}{% endfor %}",
                        facts()))
                .isEqualTo("lb@7.service lb 7 here lb 10.1.0.1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', textBlock = """
            {% for e in endpoints.web %}{{ e.name }}{% if not loop.last %}, {% endif %}{% endfor %} ! web-1, web-2
            {% for e in endpoints.web %}{{ e.name }}{% if not (loop.last) %}, {% endif %}{% endfor %} ! web-1, web-2
            {% for e in endpoints.web %}{{ e.name }}{% if loop.last == false %}, {% endif %}{% endfor %} ! web-1, web-2
            {% for e in endpoints.web %}{% if loop.first and not loop.last %}{{ loop.index }}{% endif %}{% endfor %} ! 0
            {% for e in endpoints.web %}{% if not loop.first and loop.last %}{{ loop.index }}{% endif %}{% endfor %} ! 1
            {% for e in endpoints.web %}{{ not loop.last }} {% endfor %} ! `true false `
            {% if not unit.machine.metadata.role == 'lb' %}x{% else %}y{% endif %} ! y
            {% if not unit.machine.metadata.role == 'db' %}x{% else %}y{% endif %} ! x
            {% if not true and false %}x{% else %}y{% endif %} ! y
            {% if not false or true %}x{% else %}y{% endif %} ! x
            {% for e in endpoints.web %}{{ loop.index }}/{{ loop.length }}/{{ loop.revindex }} {% endfor %} ! `0/2/1 1/2/0 `
            {% if not (endpoints.db is empty) %}x{% else %}none{% endif %} ! none
            {% if not endpoints.db is empty %}x{% else %}none{% endif %} ! none
            {% if endpoints.web is not empty %}some{% endif %} ! some
            """)
    void loopsAndConditionsMeanWhatTheySay(String template, String text) throws TemplateException {
        assertThat(render(template, facts(web(1), web(2)))).isEqualTo(text);
    }

    @Test
    void nothingIsEscaped() throws TemplateException {
        var odd = endpoint("web", "a.service", "h", 1, ImmutableMap.of("path", "/a?b=1&c=<d>"));

        assertThat(render("{{ endpoints.web[0].attributes.path }}", facts(odd))).isEqualTo("/a?b=1&c=<d>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '`', textBlock = """
            ~{{ unit.nosuch }}                      ! t:2: Attribute [nosuch]
            {{ nosuch }}                            ! t:1: Root attribute [nosuch]
            {{ unit.unit.length() }}                ! t:1: For security reasons access to
            {{ unit.getClass() }}                   ! t:1: For security reasons access to
            {% for e in endpoints.web %}{{ loop.getClass() }}{% endfor %} ! t:1: For security reasons access to
            {% for e in endpoints.web %}{{ loop.class.name }}{% endfor %} ! t:1: For security reasons access to
            {# remark #}~{% if true %}~ {{ no }}{% endif %} ! t:3: Root attribute [no]
            {{ unit.class.classLoader }}            ! t:1: Attribute [class]
            ~~{% for e in endpoints.web %}          ! t:
            {% include '/etc/passwd' %}             ! t:1: a template cannot read others
            ~{{ range(1, 10001) | length }}         ! t:2: a range has 10000 values at most
            {% for i in 1..2000000000 %}{% endfor %} ! t:1: a range has 10000 values at most
            {{ range(9223372036854775806L, 9223372036854775807L, 2) }} ! t:1: a range has 10000 values at most
            {{ range('a', 'z', 4294967296L) }}      ! t:1: a range has 10000 values at most
            {{ range(1, 2, 0) }}                    ! t:1: The increment of the range function must be
            {% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }} ! t:1: it is nested too deeply, or has a macro
            {{ 'a;b' | word }}                      ! t:1: "a;b" is not one word
            """)
    void whatIsWrongIsSaidWithItsLine(String template, String problem) {
        assertThatThrownBy(() -> render(template.replace('~', '\n'), facts(web(1), web(2))))
                .isInstanceOf(TemplateException.class)
                .message()
                .startsWith(problem)
                .doesNotContain("\n");
    }

    @Test
    void anEndpointKeepsItsSlotWhenOthersGo() throws TemplateException {
        var template = "{% for s in slots(endpoints.web, 4) %}{{ s.slot }}:{% if s.used %}{{ s.name }}{% else %}-{% endif %} "
                + "{% endfor %}";

        assertThat(render(template, facts(web(1), web(2), web(3)))).isEqualTo("1:web-1 2:web-2 3:web-3 4:- ");
        assertThat(render(template, facts(web(2), web(3)))).isEqualTo("1:- 2:web-2 3:web-3 4:- ");
        assertThat(render(template, facts(web(3), web(7)))).isEqualTo("1:- 2:- 3:web-3 4:web-7 ");
    }

    @Test
    void moreEndpointsThanSlotsAreLeftOutAndMoveNobody() throws TemplateException {
        var template = "\n{% for s in slots(endpoints.web, 4) %}{{ s.name | default('-') }} {% endfor %}";
        var facts = facts(web(1), web(10), web(11), web(2), web(3), web(4));

        var rendered = Templates.render(template, line -> "t:" + line, facts.of(new UnitName("lb.service"), HERE));

        assertThat(rendered.text()).isEqualTo("\nweb-1 web-2 web-3 web-4 ");
        assertThat(rendered.leftOut()).containsExactly(
                "t:2: there are 6 endpoints for 4 slots: web@10.service and 1 more are left out. Give it more slots");
    }

    @Test
    void aRangeMayBeAsLongAsAnyConfigurationNeeds() throws TemplateException {
        assertThat(render("{{ range(1, 10000) | length }} {% for i in 3..1 %}x{% endfor %}{{ range(9, 1, -4) | join(',') }}", facts()))
                .isEqualTo("10000 9,5,1");
    }

    @Test
    void aTagMayBeLong() throws TemplateException {
        var list = "'%', ".repeat(100_000) + "'b'";

        assertThat(render("{% set all = [" + list + "] %}\n{# " + "#x ".repeat(100_000) + "#}\n{{ all | length }}\n", facts()))
                .isEqualTo("100001\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"h;evil", "", "10.0.0.1 backup", "h\nserver x", "web:80", "a:b", "web:"})
    void anEndpointWhoseAddressIsNoneIsLeftOut(String address) {
        var facts = facts(endpoint("web", "bad.service", address, 1, ImmutableMap.of()), web(1));

        assertThat(facts.endpoints().get("web")).extracting(e -> e.unit().full()).containsExactly("web@1.service");
        assertThat(facts.refused()).containsExactly("the endpoint web of bad.service is left out: its address is none");
    }

    @Test
    void valuesWithControlCharactersAreLeftOut() {
        var facts = Facts.of(
                ImmutableList.of(endpoint("web", "bad.service", "h", 1, ImmutableMap.of("weight", "1\n}"))),
                ImmutableList.of(machine("h", ImmutableMap.of("role", "x\ty"))));

        assertThat(facts.endpoints().isEmpty()).isTrue();
        assertThat(facts.machines()).isEmpty();
        assertThat(facts.refused()).containsExactly(
                "the endpoint web of bad.service is left out: the value of weight has a control character",
                "machine aaaaaaaa is left out: the value of role has a control character");
    }
}
