// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Reads the XML of strangers by the JDK's own parser: no DTD, so no entity but the five of XML and
 * character references; at most {@value #MAX_DEPTH} deep and {@value #MAX_ELEMENTS} elements. What
 * is broken without harm is mended: encoding, control characters, a bare ampersand, bytes after the
 * end. Prefixes are dropped, declared or not; attributes are ignored.
 */
final class Xml {
    static final int MAX_DEPTH = 32;
    static final int MAX_ELEMENTS = 4000;

    private static final Pattern BARE_AMPERSAND =
            Pattern.compile("&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)");

    private Xml() {}

    /**
     * @throws UpnpFailure if it is no XML, or more than is taken
     */
    static Element parse(byte[] bytes) {
        Tree tree = new Tree();
        try {
            XMLReader reader = reader();
            reader.setContentHandler(tree);
            reader.setErrorHandler(tree);
            reader.setEntityResolver(tree);
            reader.parse(new InputSource(new StringReader(text(bytes))));
        } catch (TooMuch e) {
            throw UpnpFailure.garbage("the gateway's XML " + e.getMessage());
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw UpnpFailure.garbage(
                    "the gateway's XML is broken: "
                            + Foreign.text(String.valueOf(e.getMessage()), 120));
        }
        if (tree.root == null) {
            throw UpnpFailure.garbage("the gateway's XML is empty");
        }
        return tree.root;
    }

    /** The JDK's, whatever else the container offers. */
    private static XMLReader reader() throws SAXException, ParserConfigurationException {
        SAXParserFactory factory = SAXParserFactory.newDefaultInstance();
        factory.setNamespaceAware(false);
        factory.setValidating(false);
        factory.setXIncludeAware(false);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
        factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newSAXParser().getXMLReader();
    }

    /** Text from the first to the last angle bracket, fit for a parser. */
    private static String text(byte[] bytes) {
        String raw = new String(bytes, charset(bytes));
        int from = raw.indexOf('<');
        int to = raw.lastIndexOf('>');
        if (from < 0 || to < from) {
            throw UpnpFailure.garbage("the gateway's answer is no XML");
        }
        StringBuilder out = new StringBuilder(to - from + 1);
        for (int i = from; i <= to; i++) {
            char c = raw.charAt(i);
            boolean fine =
                    c >= ' ' && c < 0xfffe && !Character.isSurrogate(c)
                            || c == '\n'
                            || c == '\t'
                            || c == '\r';
            out.append(fine ? c : ' ');
        }
        return BARE_AMPERSAND.matcher(out).replaceAll("&amp;");
    }

    /** By its mark; else UTF-8, whose wrong bytes become question marks, whatever is declared. */
    private static Charset charset(byte[] b) {
        int mark = b.length < 2 ? 0 : (b[0] & 0xff) << 8 | b[1] & 0xff;
        return mark == 0xfeff || mark == 0xfffe ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    }

    /** A limit was reached. */
    private static final class TooMuch extends SAXException {
        private static final long serialVersionUID = 1;

        TooMuch(String message) {
            super(message);
        }
    }

    private static final class Tree extends DefaultHandler {
        private final Deque<Element> open = new ArrayDeque<>();
        private Element root;
        private int elements;

        @Override
        public void startElement(String uri, String local, String name, Attributes attributes)
                throws SAXException {
            if (open.size() == MAX_DEPTH) {
                throw new TooMuch("is deeper than " + MAX_DEPTH);
            }
            if (++elements > MAX_ELEMENTS) {
                throw new TooMuch("has more than " + MAX_ELEMENTS + " elements");
            }
            Element e = new Element(name.substring(name.lastIndexOf(':') + 1));
            if (open.isEmpty()) {
                root = e;
            } else {
                open.peek().add(e);
            }
            open.push(e);
        }

        @Override
        public void endElement(String uri, String local, String name) {
            open.pop();
        }

        @Override
        public void characters(char[] ch, int start, int length) {
            if (!open.isEmpty()) {
                open.peek().append(ch, start, length);
            }
        }

        @Override
        public InputSource resolveEntity(String publicId, String systemId) throws SAXException {
            throw new TooMuch("refers to something outside");
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
            throw e;
        }
    }
}
