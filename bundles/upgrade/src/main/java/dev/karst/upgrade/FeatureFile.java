// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * A file of features in which one feature is another: the same file otherwise, so that nothing else
 * changes with it. A processing instruction says where the file came from at first.
 */
final class FeatureFile {
    private static final String ORIGIN = "karst-origin";
    private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    private FeatureFile() {}

    /** Writes the changed copy. */
    static void write(Plan.FeatureChange change, String location, Path to)
            throws IOException, Refused {
        Document doc = read(change.repository());
        Element present = feature(doc, change.name(), change.from(), change.repository());
        Element next;
        if (change.definition().isEmpty()) {
            next = (Element) present.cloneNode(true);
            next.setAttribute("version", change.to());
        } else {
            Document source = read(change.definition());
            Element e = feature(source, change.name(), change.to(), change.definition());
            next = (Element) doc.importNode(e, true);
            rename(doc, next, present.getNamespaceURI());
        }
        present.getParentNode().replaceChild(next, present);
        relocate(next, change.fromUrl(), location);
        if (origin(doc) == null) {
            doc.insertBefore(
                    doc.createProcessingInstruction(ORIGIN, change.repository()),
                    doc.getDocumentElement());
        }
        save(doc, to);
    }

    /** Where a file of features came from before it was changed: itself, or what it says. */
    static String origin(String url) throws IOException {
        String said = origin(read(url));
        return said == null ? url : said;
    }

    private static String origin(Document doc) {
        for (Node n = doc.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n.getNodeType() == Node.PROCESSING_INSTRUCTION_NODE
                    && n.getNodeName().equals(ORIGIN)) {
                return n.getNodeValue();
            }
        }
        return null;
    }

    private static Element feature(Document doc, String name, String version, String where)
            throws Refused {
        Node n = doc.getDocumentElement().getFirstChild();
        for (; n != null; n = n.getNextSibling()) {
            if (n instanceof Element e
                    && "feature".equals(e.getLocalName())
                    && e.getAttribute("name").equals(name)
                    && Versions.same(e.getAttribute("version"), version)) {
                return e;
            }
        }
        throw new Refused("there is no feature " + name + " " + version + " in " + where);
    }

    private static void rename(Document doc, Node n, String namespace) {
        if (n instanceof Element e) {
            Node renamed = doc.renameNode(e, namespace, e.getLocalName());
            for (Node c = renamed.getFirstChild(); c != null; c = c.getNextSibling()) {
                rename(doc, c, namespace);
            }
        }
    }

    private static void relocate(Element feature, String from, String to) throws Refused {
        for (Node n = feature.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element e
                    && "bundle".equals(e.getLocalName())
                    && e.getTextContent().trim().equals(from)) {
                e.setTextContent(to);
                return;
            }
        }
        throw new Refused("the feature " + feature.getAttribute("name") + " does not name " + from);
    }

    private static Document read(String url) throws IOException {
        try (InputStream in = Outside.open(url)) {
            DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
            f.setNamespaceAware(true);
            f.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            f.setFeature(NO_DOCTYPE, true);
            return f.newDocumentBuilder().parse(in);
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException(url + " is no file of features: " + e.getMessage(), e);
        }
    }

    private static void save(Document doc, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (OutputStream out = Files.newOutputStream(to)) {
            TransformerFactory.newInstance()
                    .newTransformer()
                    .transform(new DOMSource(doc), new StreamResult(out));
        } catch (TransformerException e) {
            throw new IOException(e);
        }
    }
}
