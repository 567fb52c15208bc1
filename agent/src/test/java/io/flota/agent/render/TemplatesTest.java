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
        return Templates.render(template, line -> "t:" + line, facts.of(new UnitName("lb@7.service"), HERE));
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
            {# remark #}~{% if true %}~ {{ no }}{% endif %} ! t:3: Root attribute [no]
            {{ unit.class.classLoader }}            ! t:1: Attribute [class]
            ~~{% for e in endpoints.web %}          ! t:
            {% include '/etc/passwd' %}             ! t:1: a template cannot read others
            {{ slots(endpoints.web, 1)[0].port }}   ! t:1: there are 2 endpoints for 1 slots. Give it more slots
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

    @ParameterizedTest
    @ValueSource(strings = {"h;evil", "", "10.0.0.1 backup", "h\nserver x"})
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
