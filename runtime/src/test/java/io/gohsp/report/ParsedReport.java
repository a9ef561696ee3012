package io.gohsp.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A report read back; what is no XML fails. */
record ParsedReport(Document document) {
  static ParsedReport of(PruningReport report) {
    return parse(HtmlReport.html(report));
  }

  static ParsedReport parse(String html) {
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(null);
      return new ParsedReport(builder.parse(new InputSource(new StringReader(html))));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Element> all(NodeList nodes) {
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  List<Element> all(String name) {
    return all(document.getElementsByTagName(name));
  }

  List<String> sections() {
    return all("section").stream().map(section -> section.getAttribute("id")).toList();
  }

  List<String> ids() {
    return all("*").stream()
        .map(element -> element.getAttribute("id"))
        .filter(id -> !id.isEmpty())
        .toList();
  }

  /** What people read. */
  String text() {
    return all("main").get(0).getTextContent();
  }

  /** What programs read. */
  JsonNode numbers() {
    try {
      return new ObjectMapper().readTree(all("script").get(0).getTextContent());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The exact numbers in the rows of a section's tables. */
  List<List<String>> values(String section) {
    Element part =
        all("section").stream()
            .filter(element -> element.getAttribute("id").equals(section))
            .findFirst()
            .orElseThrow();
    return all(part.getElementsByTagName("tbody")).stream()
        .flatMap(body -> all(body.getElementsByTagName("tr")).stream())
        .map(
            row ->
                all(row.getElementsByTagName("data")).stream()
                    .map(data -> data.getAttribute("value"))
                    .toList())
        .toList();
  }
}
